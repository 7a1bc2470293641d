"""Random records through Amazon's own classes: read, resolve, map, relationalize, write, join again."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pyarrow
import pyarrow.parquet
import pytest
from harness.storage_lake import Lake
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

if TYPE_CHECKING:
    from awsglue.context import GlueContext

pytestmark = [
    pytest.mark.spark,
    # Amazon's StreamingDataSource makes DataFrames in a way that PySpark warns of.
    pytest.mark.filterwarnings("ignore:DataFrame constructor is internal:UserWarning"),
]
TEXT = st.text(alphabet='ab é",\\n', max_size=3)
SMALL = st.integers(-5, 5)
ORDER = st.fixed_dictionaries(
    {"sku": TEXT},
    optional={
        "qty": SMALL,
        "codes": st.lists(SMALL, max_size=2),
        "to": st.fixed_dictionaries({"zip": SMALL}),
    },
)
RECORD = st.fixed_dictionaries(
    {"id": SMALL, "mixed": st.one_of(SMALL, TEXT)},
    optional={
        "who": st.fixed_dictionaries({"name": TEXT}, optional={"age": SMALL}),
        "tags": st.lists(TEXT, max_size=3),
        "orders": st.lists(ORDER, max_size=3),
    },
)
MAPPINGS = [
    ("id", "int", "key", "long"),
    ("mixed", "string", "mixed", "string"),
    ("who.name", "string", "who.called", "string"),
    ("who.age", "int", "who.age", "long"),
    ("tags", "array", "tags", "array"),
    ("orders", "array", "orders", "array"),
]
Row = dict[str, Any]
places = itertools.count()


@settings(max_examples=3, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
@given(found=st.lists(RECORD, min_size=3, max_size=8))
def test_joined_tables_are_the_records(glue_context: GlueContext, lake: Lake, found: list[Row]) -> None:
    """read, resolveChoice, applyMapping, relationalize, write and read agree with plain Python."""
    from awsglue.transforms import ApplyMapping, DropNullFields, Relationalize, ResolveChoice

    place = next(places)
    lake.put_records(f"in{place}/a.json", *found[::2])
    lake.put_records(f"in{place}/b.json", *found[1::2])
    read = glue_context.create_dynamic_frame.from_options("s3", {"paths": [lake.uri(f"in{place}/")]}, "json")
    resolved = ResolveChoice.apply(frame=read, specs=[("mixed", "cast:string")])
    mapped = ApplyMapping.apply(frame=resolved, mappings=MAPPINGS)
    tables = Relationalize.apply(frame=mapped, staging_path="s3://none/tmp", name="root")
    for name in tables.keys():  # noqa: SIM118 - Amazon's collection is no mapping
        glue_context.write_dynamic_frame.from_options(
            frame=DropNullFields.apply(frame=tables.select(name)),
            connection_type="s3",
            connection_options={"path": lake.uri(f"out{place}/{name}/")},
            format="parquet",
        )
    written = {name: parquet(lake, f"out{place}/{name}/") for name in tables.keys()}  # noqa: SIM118
    whole = [rebuilt(row, "", written) for row in written["root"]]
    assert sorted(map(repr, whole)) == sorted(repr(_mapped(one)) for one in found)


def parquet(lake: Lake, prefix: str) -> list[Row]:
    """The rows of the Parquet files below ``prefix``."""
    files = [lake.services.s3.get_object(Bucket=lake.name, Key=key)["Body"].read() for key in lake.keys(prefix)]
    rows: list[Row] = []
    for body in files:
        rows += pyarrow.parquet.read_table(pyarrow.BufferReader(body)).to_pylist()
    return rows


def rebuilt(row: Row, prefix: str, written: dict[str, list[Row]]) -> Any:
    """Return the record of a row: arrays from their tables, structs from names with dots, nothing for null."""
    made: Row = {}
    for name, value in row.items():
        if value is None or not name.startswith(prefix) or (prefix and name in ("id", "index")):
            continue
        table = written.get(f"root_{name}")
        if table is not None:
            own = sorted((one for one in table if one["id"] == value), key=lambda one: one["index"])
            value = [rebuilt(one, f"{name}.val", written) for one in own]
        rest = name.removeprefix(prefix).removeprefix(".")
        if not rest:
            return value
        *above, last = rest.split(".")
        inside = made
        for step in above:
            inside = inside.setdefault(step, {})
        inside[last] = value
    return _sorted(made)


def _mapped(record: Row) -> Any:
    """Return a record as the mappings change it."""
    made = {"key": record["id"], "mixed": str(record["mixed"])}
    if "who" in record:
        who = record["who"]
        made["who"] = {"called": who["name"], **({"age": who["age"]} if "age" in who else {})}
    return _sorted({**made, **{name: record[name] for name in ("tags", "orders") if name in record}})


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(one) for one in value] if isinstance(value, list) else value
