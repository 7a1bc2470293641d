"""The filter language of GetPartitions, first as text and values, then through the operation."""

from __future__ import annotations

import contextlib
import datetime
import re
from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest
from catalog_harness import Catalog
from hypothesis import given, settings
from hypothesis import strategies as st

from glueprint.facts.partition_names import DEFAULT_PARTITION
from glueprint.local.glue.catalog.partition_expression import compile_expression
from glueprint.local.protocol import ApiError

KEYS = [
    {"Name": "name", "Type": "string"},
    {"Name": "number", "Type": "int"},
    {"Name": "price", "Type": "decimal(10,2)"},
    {"Name": "day", "Type": "date"},
    {"Name": "moment", "Type": "timestamp"},
    {"Name": "ratio", "Type": "double"},
]
ROW = ["two", "2", "2.60", "2022-02-01", "2022-02-01 00:00:00.000000", "0.5"]


def _holds(expression: str, row: Sequence[str] = ROW) -> bool:
    return compile_expression(expression, KEYS)(row)


def _refusal(expression: str, row: Sequence[str] = ROW) -> ApiError:
    with pytest.raises(ApiError) as caught:
        _holds(expression, row)
    return caught.value


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "   ",
        "number = 2",
        "number = '2'",
        "NUMBER = +2",
        "number <> -2",
        "(number < > 3)",
        "number > = 2 and number < = 2",
        "number IN (2)",
        "number in (6, '4', 2)",
        "number between 2 AND 2",
        "number > 1 AND number < 3",
        "number >= 2 and number <> 3",
        "(number) = ((2)) (OR) (((number))) = (2)",
        "((number) = 2)",
        "number IS NOT NULL and number = 2",
        "number not IN (1, 3)",
        "number NOT BETWEEN 1 AND 1 and number NOT BETWEEN 3 AND 3",
        "number = 4 OR number = 5 AND number = '-1' OR number = 0 OR number = '2'",
        "NOT number = 1",
        "NOT (number = 1 OR NOT name = 'two')",
        "price = 2.6",
        "price IN (6, '4', 2.6)",
        "price between 2 AND 3e10",
        "price >= .5 and price <> '3e14'",
        "name = 'two'",
        'name = "two"',
        "`name` = 'two'",
        '"name" = \'two\'',
        "name between 'twn' AND 'twp'",
        "name LIKE 't_o'",
        "name LIKE '%wo'",
        "name NOT LIKE '%e' AND name not like '_'",
        "day = '2022-02-01'",
        "day in ('2024-02-29', '2022-02-01')",
        "day between '2022-1-15' AND '2022-02-15'",
        "moment = '2022-02-01 00:00:00'",
        "moment = '2022-02-01 00:00:00.000000000'",
        "moment > '2022-01-31 23:59:59.999999999' AND moment < '2022-02-01 00:00:00.000000001'",
        " AND ".join(["number = 2"] * 150),
    ],
)
def test_conditions_that_are_true(expression: str) -> None:
    """The documented operators on the documented types (service model); forms that AWS takes (moto's tests)."""
    assert _holds(expression)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("number = 'test'", '"test" is not an integer.'),
        ("number in (2.5)", '"2.5" is not an integer.'),
        ("number LIKE '2'", "Integral data type doesn't support operation 'LIKE'"),
        ("price = 'test'", "test is not a decimal."),
        ("price LIKE '2'", "Decimal data type doesn't support operation 'LIKE'"),
        ("day = '2022-02-32'", "2022-02-32 is not a date."),
        ("day LIKE '2022-02-01'", "Date data type doesn't support operation 'LIKE'"),
        ("moment = '2022-02-01'", "2022-02-01 is not a timestamp."),
        ("moment = '2022-02-15 00:00:00.'", "is not a timestamp."),
        ("moment = '2022-02-32 00:00:00'", "is not a timestamp."),
        ("moment LIKE '2'", "Timestamp data type doesn't support operation 'LIKE'"),
        ("unknown = 1", "Invalid partition expression!"),
        ("upper(name) = 'TWO'", "Invalid partition expression!"),
        ("unknown IS NULL", "Invalid partition expression!"),
        ("ratio = 0.5", "Unknown type : 'double'"),
    ],
)
def test_mismatches_are_refused_with_awss_messages(expression: str, message: str) -> None:
    """InvalidInputException with AWS's texts (moto #5013, by trial and error; unknown columns: moto #9306)."""
    error = _refusal(expression)
    assert error.code == "InvalidInputException"
    assert message in error.message


@pytest.mark.parametrize(
    "expression",
    [
        "name IS test' AND not parsable",
        "number",
        "number =",
        "number = 2 number = 2",
        "number == 2",
        "number != 2",
        "number = 2; DROP TABLE t",
        "2 = number",
        "number = name",
        "number = 1 + 1",
        "number IN ()",
        "number IN (1,)",
        "number IN (SELECT 1)",
        "number BETWEEN 1",
        "number IS 2",
        "number NOT 2",
        "number NOT = 2",
        "(number = 2",
        "number = 2)",
        "name LIKE 'a' ESCAPE 'b'",
        "name = 'open",
        "number = 2x",
        "number = 2 AND",
        "AND number = 2",
        "NOT",
        "()",
        "((((",
        "number = - - 2",
    ],
)
def test_other_sql_is_refused(expression: str) -> None:
    """Text outside the documented grammar is refused, and the message has the position."""
    error = _refusal(expression)
    assert error.code == "InvalidInputException"
    assert "Unsupported expression" in error.message


@pytest.mark.parametrize("expression", ["(" * 900 + "number = 2" + ")" * 900, "NOT " * 400 + "number = 2"])
def test_depth_is_bounded(expression: str) -> None:
    """No expression of up to 2048 characters breaks the server (no request ever yields a 500)."""
    assert "Unsupported expression" in _refusal(expression).message


@pytest.mark.parametrize(
    "word",
    ["date", "timestamp", "interval", "case", "from", "select", "group", "order", "year", "values", "end"],
)
def test_columns_named_like_keywords_of_sql(word: str) -> None:
    """Only the words of the documented grammar are reserved; partition keys called ``date`` are common."""
    assert compile_expression(f"{word} = 'x' AND {word} LIKE 'x%'", [{"Name": word, "Type": "string"}])(["x"])


def test_a_value_that_is_not_of_its_type() -> None:
    """A value that does not fit its key is InvalidStateException, once it is looked at (moto's tests)."""
    row = ["two", "int", *ROW[2:]]
    error = _refusal("number = 2", row)
    assert (error.code, error.message) == ("InvalidStateException", '"int" is not an integer.')
    assert _holds("name = 'two'", row)


def test_null_is_neither_equal_nor_unequal() -> None:
    """Hive's mark for null is null in typed keys, as SQL has it, and text in string keys, where Trino looks for
    it by its text (trino #13122)."""
    row = [DEFAULT_PARTITION, DEFAULT_PARTITION, *ROW[2:]]
    for expression in ("number = 2", "number <> 2", "NOT number = 2", "number NOT IN (1)", "number > 0"):
        assert not _holds(expression, row)
    default = f"name = '{DEFAULT_PARTITION}'"
    for expression in ("number IS NULL", "number = 2 OR name IS NULL", default, "name <> 'a'"):
        assert _holds(expression, row)
    assert not _holds("number IS NOT NULL", row)


def test_partitions_older_than_a_key_have_null_there() -> None:
    """UpdateTable may add keys; what was stored before has no value for them."""
    assert _holds("moment IS NULL AND name = 'two'", ROW[:4])


def test_like_is_fast_with_any_pattern() -> None:
    """Many wildcards do not make a match take for ever."""
    assert not _holds("name LIKE '" + "%a" * 200 + "b'", ["a" * 1024, *ROW[1:]])


Oracle = Callable[[Sequence[str]], bool]
"""What an expression means, in plain Python."""

_NAMES = st.sampled_from(["", "a", "b", "ab", "a'b", 'a"b', "100%", "_", "Zürich"])
_COLUMNS: dict[str, tuple[int, st.SearchStrategy[str], Callable[[str], object]]] = {
    "name": (0, _NAMES, str),
    "number": (1, st.integers(-3, 12).map(str), int),
    "price": (2, st.sampled_from(["0", "2.6", "2.60", "-1.5", "10", "9"]), Decimal),
    "day": (
        3,
        st.dates(datetime.date(2020, 1, 1), datetime.date(2020, 3, 1)).map(str),
        datetime.date.fromisoformat,
    ),
    "moment": (
        4,
        st.datetimes(datetime.datetime(2020, 1, 1), datetime.datetime(2020, 1, 2)).map(
            lambda moment: moment.strftime("%Y-%m-%d %H:%M:%S.%f")
        ),
        datetime.datetime.fromisoformat,
    ),
}
_ROWS = st.tuples(*(column[1] for column in _COLUMNS.values()))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@st.composite
def _conditions(draw: st.DrawFn) -> tuple[str, Oracle]:
    """One comparison, as text and as Python."""
    column = draw(st.sampled_from(sorted(_COLUMNS)))
    place, texts, cast = _COLUMNS[column]
    kinds = ["compare", "in", "between", "null"] + (["like"] if column == "name" else [])
    kind = draw(st.sampled_from(kinds))
    negated = draw(st.booleans())
    prefix = "NOT " if negated else ""
    left = draw(st.sampled_from([column, column.upper(), f"({column})", f"`{column}`"]))

    def value(row: Sequence[str]) -> object:
        return cast(row[place])

    if kind == "compare":
        sign = draw(st.sampled_from(["=", "<>", "<", "<=", ">", ">="]))
        text = draw(texts)
        right = cast(text)
        oracles: dict[str, Oracle] = {
            "=": lambda row: value(row) == right,
            "<>": lambda row: value(row) != right,
            "<": lambda row: value(row) < right,  # type: ignore[operator]
            "<=": lambda row: value(row) <= right,  # type: ignore[operator]
            ">": lambda row: value(row) > right,  # type: ignore[operator]
            ">=": lambda row: value(row) >= right,  # type: ignore[operator]
        }
        bare = column in ("number", "price") and draw(st.booleans())
        return f"{left} {sign} {text if bare else _quoted(text)}", oracles[sign]
    if kind == "in":
        several = draw(st.lists(texts, min_size=1, max_size=4))
        wanted = [cast(text) for text in several]
        return (
            f"{left} {prefix}IN ({', '.join(map(_quoted, several))})",
            lambda row: (value(row) in wanted) != negated,
        )
    if kind == "between":
        low, high = draw(texts), draw(texts)
        return (
            f"{left} {prefix}BETWEEN {_quoted(low)} AND {_quoted(high)}",
            lambda row: (cast(low) <= value(row) <= cast(high)) != negated,  # type: ignore[operator]
        )
    if kind == "null":
        return f"{left} IS {prefix}NULL", lambda row: negated
    pattern = draw(st.text("ab%_'", max_size=5))
    regex = "".join({"%": ".*", "_": "."}.get(character, re.escape(character)) for character in pattern)
    return (
        f"{left} {prefix}LIKE {_quoted(pattern)}",
        lambda row: (re.fullmatch(regex, row[0], re.DOTALL) is not None) != negated,
    )


def _joined(parts: st.SearchStrategy[tuple[str, Oracle]]) -> st.SearchStrategy[tuple[str, Oracle]]:
    """NOT, AND and OR over expressions, with the brackets that keep their meaning."""

    def negate(part: tuple[str, Oracle]) -> tuple[str, Oracle]:
        return f"NOT ({part[0]})", lambda row: not part[1](row)

    def both(pair: tuple[tuple[str, Oracle], tuple[str, Oracle]]) -> tuple[str, Oracle]:
        (a, left), (b, right) = pair
        return f"({a}) and ({b})", lambda row: left(row) and right(row)

    def either(pair: tuple[tuple[str, Oracle], tuple[str, Oracle]]) -> tuple[str, Oracle]:
        (a, left), (b, right) = pair
        return f"({a}) OR ({b})", lambda row: left(row) or right(row)

    return st.one_of(parts.map(negate), st.tuples(parts, parts).map(both), st.tuples(parts, parts).map(either))


@settings(max_examples=200, deadline=None)
@given(expression=st.recursive(_conditions(), _joined, max_leaves=6), rows=st.lists(_ROWS, min_size=1, max_size=5))
def test_expressions_select_the_right_partitions(
    expression: tuple[str, Oracle], rows: list[tuple[str, ...]]
) -> None:
    """Every expression of the grammar selects what plain Python over the declared types selects."""
    text, oracle = expression
    selects = compile_expression(text, KEYS)
    assert [selects(row) for row in rows] == [oracle(row) for row in rows]


@settings(max_examples=200, deadline=None)
@given(conditions=st.lists(_conditions(), min_size=1, max_size=4), words=st.data(), row=_ROWS)
def test_and_binds_closer_than_or(
    conditions: list[tuple[str, Oracle]], words: st.DataObject, row: tuple[str, ...]
) -> None:
    """Without brackets, AND binds closer than OR, as SQL has it."""
    joints = [words.draw(st.sampled_from(["AND", "OR"])) for _ in conditions[1:]]
    text, groups = conditions[0][0], [[conditions[0][1]]]
    for joint, (part, oracle) in zip(joints, conditions[1:], strict=True):
        text += f" {joint} {part}"
        if joint == "AND":
            groups[-1].append(oracle)
        else:
            groups.append([oracle])
    assert compile_expression(text, KEYS)(row) is any(all(oracle(row) for oracle in group) for group in groups)


_SCRAPS = st.sampled_from(
    [
        *("name", "number", "day", "ratio", "x", "'a'", '"a"', "`", "'", "2", "2.5", "\u00e9", ";", "\x00"),
        *("-", "+", "=", "<>", "<", "(", ")", ",", "AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "IS", "NULL"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(text=st.one_of(st.lists(_SCRAPS, max_size=12).map(" ".join), st.text(max_size=40)))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    """No text yields anything but an answer or an ApiError (no request ever yields a 500)."""
    with contextlib.suppress(ApiError):
        compile_expression(text, KEYS)(ROW)


def test_the_operation_filters(catalog: Catalog) -> None:
    """GetPartitions compares by declared type, 10 behind 9, and text as text (service model)."""
    catalog.partitioned(("year", "string"), ("n", "int"))
    catalog.add(*([year, n] for year in ("2023", "2024") for n in ("9", "10", "11")))
    assert catalog.values(Expression="n > 9 AND year = '2024'") == [["2024", "10"], ["2024", "11"]]
    assert catalog.values(Expression="year > '2023' AND n < 10") == [["2024", "9"]]
    assert len(catalog.values(Expression=" ")) == 6
    error = catalog.refused("GetPartitions", DatabaseName="db", TableName="t", Expression="n = 'x'")
    assert error.code == "InvalidInputException"


def test_an_expression_is_checked_even_without_partitions(catalog: Catalog) -> None:
    """A wrong expression is wrong on an empty table too: the error does not wait for data."""
    catalog.partitioned(("n", "int"))
    error = catalog.refused("GetPartitions", DatabaseName="db", TableName="t", Expression="m = 1")
    assert error.message == "Invalid partition expression!"
