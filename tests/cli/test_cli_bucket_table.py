"""`glueprint bucket` and `glueprint table`: files into S3 and rows out of tables, without code."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from harness.local_server import Server

from glueprint.cli.bucket import path_inside
from glueprint.cli.main import cli
from glueprint.client.errors import InvalidArgument

Glueprint = Callable[..., Result]
CSV = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
JSON = "org.openx.data.jsonserde.JsonSerDe"
PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A local Glue with the database ``shop``."""
    with Server(tmp_path_factory.mktemp("tables") / "data", "--warm-workers", "0") as running:
        running.client("glue").create_database(DatabaseInput={"Name": "shop"})
        yield running


@pytest.fixture
def glueprint(server: Server) -> Glueprint:
    """Runs a command against the server, and requires that it succeeds unless ``code`` is given."""

    def invoke(*arguments: str, code: int = 0, given: bytes | None = None) -> Result:
        place = ["--data-dir", str(server.data_dir)]
        done = CliRunner().invoke(cli, [*arguments, *place], input=given)
        assert done.exit_code == code, done.output
        return done

    return invoke


@pytest.fixture
def bucket(server: Server, glueprint: Glueprint, request: pytest.FixtureRequest) -> str:
    """A bucket of the test's own."""
    name = request.node.name.replace("_", "-").replace("[", "-").replace("]", "")[:60].rstrip("-").lower()
    assert f"created bucket {name}\n" in glueprint("bucket", "create", name).stdout
    assert f"bucket {name} exists already\n" in glueprint("bucket", "create", name).stdout
    return name


def put_table(server: Server, name: str, serde: str, location: str, **more: Any) -> None:
    """Create a table in the database ``shop`` with the columns id and item."""
    parameters = more.pop("Parameters", {})
    storage = {
        "Columns": [{"Name": "id", "Type": "bigint"}, {"Name": "item", "Type": "string", "Comment": "its name"}],
        "Location": location,
        "SerdeInfo": {"SerializationLibrary": serde, "Parameters": parameters},
    }
    table = {"Name": name, "StorageDescriptor": storage, **more}
    server.client("glue").create_table(DatabaseName="shop", TableInput=table)


def rows_of(glueprint: Glueprint, name: str, *options: str) -> list[dict[str, Any]]:
    """The rows that ``table NAME --json`` prints."""
    found: list[dict[str, Any]] = json.loads(glueprint("table", name, "--json", *options).stdout)["Rows"]
    return found


def test_files_go_into_a_bucket_and_come_back(glueprint: Glueprint, bucket: str, tmp_path: Path) -> None:
    """A file, standard input and a directory are stored; what is stored is listed and read back byte by byte."""
    (tmp_path / "in" / "a").mkdir(parents=True)
    (tmp_path / "in" / "a" / "one.csv").write_bytes(b"1\n")
    (tmp_path / "in" / ".hidden").write_bytes(b"no")
    (tmp_path / "two.csv").write_bytes(b"\x00\xff\n")
    glueprint("bucket", "put", "in", f"{bucket}/all/")
    glueprint("bucket", "put", "two.csv", f"s3://{bucket}/all/")
    glueprint("bucket", "put", "-", f"{bucket}/three.csv", given=b"3\n")
    listed = json.loads(glueprint("bucket", "ls", bucket, "--recursive", "--json").stdout)["Objects"]
    sizes = {one["Key"]: one["Size"] for one in listed}
    assert sizes == {"all/a/one.csv": 2, "all/two.csv": 3, "three.csv": 2}
    top = json.loads(glueprint("bucket", "ls", bucket, "--json").stdout)
    assert (top["Folders"], [one["Key"] for one in top["Objects"]]) == (["all/"], ["three.csv"])
    assert "all/two.csv" in glueprint("bucket", "ls", f"{bucket}/all").stdout, "a folder without its slash"
    assert glueprint("bucket", "get", f"{bucket}/all/two.csv").stdout_bytes == b"\x00\xff\n"
    glueprint("bucket", "get", f"{bucket}/all/", "out")
    assert (tmp_path / "out" / "a" / "one.csv").read_bytes() == b"1\n"
    assert bucket in glueprint("bucket", "ls").stdout


def test_rm_deletes_only_what_it_is_given(glueprint: Glueprint, bucket: str) -> None:
    """A folder needs --recursive, and --yes where no one can confirm; an empty bucket goes without."""
    for key in ("a/1", "a/2", "ab"):
        glueprint("bucket", "put", "-", f"{bucket}/{key}", given=b"x")
    assert "--recursive" in glueprint("bucket", "rm", f"{bucket}/a/", code=2).stderr
    assert "--yes" in glueprint("bucket", "rm", f"{bucket}/a", "--recursive", code=2).stderr
    glueprint("bucket", "rm", f"{bucket}/a", "--recursive", "--yes")
    assert "ab" in glueprint("bucket", "ls", bucket).stdout, "ab is not below a/"
    glueprint("bucket", "rm", f"{bucket}/ab")
    glueprint("bucket", "rm", bucket)
    assert "glueprint bucket create" in glueprint("bucket", "ls", bucket, code=1).stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("put", "missing.csv", "shop/c"), 2, "there is no file missing.csv"),
        (("put", "-", "nosuchbucket/c"), 1, "there is no bucket nosuchbucket"),
        (("get", "nosuchbucket/c"), 1, "there is no bucket nosuchbucket"),
        (("get", "http://b/c"), 2, "not 'http://b/c'"),
        (("rm", "nosuchbucket/c"), 1, "there is no bucket nosuchbucket"),
        (("create", "shop", "ab"), 2, "the name of a bucket: it has 2 characters; a bucket name has 3"),
        (("put", "-", "My_Bucket/c"), 2, "it has other characters: 'M' '_' 'B'"),
    ],
)
def test_mistakes_are_named(glueprint: Glueprint, arguments: tuple[str, ...], code: int, message: str) -> None:
    """Exit code 2 for a wrong argument, 1 for what is not there."""
    assert message in glueprint("bucket", *arguments, code=code, given=b"").stderr


def test_a_key_cannot_lead_out_of_the_directory(tmp_path: Path) -> None:
    """Keys come from others: ``..`` in one never writes outside the directory."""
    with pytest.raises(InvalidArgument, match="leads out of"):
        path_inside(tmp_path / "in", "in/../../out.txt", "in/")


def test_rows_of_csv_with_partitions(server: Server, glueprint: Glueprint, bucket: str) -> None:
    """The header is skipped, gzip is read, hidden files are not, partition keys come last."""
    glueprint("bucket", "put", "-", f"{bucket}/csv/day=1/a.csv", given=b'id|item\n1|"tea|pot"\n2|cup\n')
    glueprint("bucket", "put", "-", f"{bucket}/csv/day=2/b.csv.gz", given=gzip.compress(b"id|item\n3|\n"))
    glueprint("bucket", "put", "-", f"{bucket}/csv/day=1/_SUCCESS", given=b"not data")
    keys = [{"Name": "day", "Type": "string"}]
    form = {"field.delim": "|", "skip.header.line.count": "1"}
    put_table(server, "lines", CSV, f"s3://{bucket}/csv/", PartitionKeys=keys, Parameters=form)
    server.client("glue").batch_create_partition(
        DatabaseName="shop",
        TableName="lines",
        PartitionInputList=[
            {"Values": [day], "StorageDescriptor": {"Location": f"s3://{bucket}/csv/day={day}/"}} for day in "12"
        ],
    )
    assert rows_of(glueprint, "shop.lines") == [
        {"id": "1", "item": "tea|pot", "day": "1"},
        {"id": "2", "item": "cup", "day": "1"},
        {"id": "3", "item": "", "day": "2"},
    ]
    shown = glueprint("table", "lines", "--partitions", "1").stdout
    assert "PARTITION day" in shown
    assert "and more" in shown
    assert "its name" in shown
    assert "tea|pot" in shown


def test_rows_of_json(server: Server, glueprint: Glueprint, bucket: str) -> None:
    """One record per line, an array, one record over several lines; names match in any case."""
    texts = (b'{"ID": 1, "item": "tea"}\n{"id": 2}\n', b'[{"id": 3}]', b'{\n "id": 4,\n "item": "cup"}')
    for number, text in enumerate(texts):
        glueprint("bucket", "put", "-", f"{bucket}/json/{number}.json", given=text)
    put_table(server, "records", JSON, f"s3://{bucket}/json")
    assert [row["id"] for row in rows_of(glueprint, "records")] == [1, 2, 3, 4]
    assert rows_of(glueprint, "records", "--rows", "1") == [{"id": 1, "item": "tea"}]


def test_rows_of_parquet(server: Server, glueprint: Glueprint, bucket: str, tmp_path: Path) -> None:
    """Types are those of the file; a null is an empty cell."""
    pq.write_table(pa.table({"id": [1, 2], "item": ["tea", None]}), tmp_path / "a.parquet")
    glueprint("bucket", "put", "a.parquet", f"{bucket}/parquet/")
    put_table(server, "columns", PARQUET, f"s3://{bucket}/parquet/")
    assert rows_of(glueprint, "columns") == [{"id": 1, "item": "tea"}, {"id": 2, "item": None}]
    glueprint("bucket", "put", "-", f"{bucket}/parquet/0.parquet", given=b"not Parquet")
    done = glueprint("table", "columns")
    assert "cannot be read as parquet" in done.stderr
    assert "bigint" in done.stdout


def test_tables_are_listed_and_missing_ones_named(server: Server, glueprint: Glueprint, bucket: str) -> None:
    """Without a name all tables; a name in two databases needs its database; a wrong name lists similar ones."""
    put_table(server, "returns", "com.example.OtherSerDe", "s3://nowhere/")
    server.client("glue").create_database(DatabaseInput={"Name": "other"})
    server.client("glue").create_table(DatabaseName="other", TableInput={"Name": "returns"})
    listed = json.loads(glueprint("table", "--json").stdout)["Tables"]
    assert {"DatabaseName": "shop", "Name": "returns"}.items() <= next(
        one for one in listed if one["DatabaseName"] == "shop" and one["Name"] == "returns"
    ).items()
    assert "shop.returns" in glueprint("table").stdout
    assert "other.returns, shop.returns" in glueprint("table", "returns", code=1).stderr
    assert "did you mean shop.returns" in glueprint("table", "shop.retrns", code=1).stderr
    assert "without a classification" in glueprint("table", "shop.returns").stderr
