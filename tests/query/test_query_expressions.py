"""Expressions have Trino's values: where DuckDB means something else, and where Athena refuses."""

from __future__ import annotations

import pytest
from query_running import evaluate

from glueprint.query.errors import QueryError

VALUES = [
    # Trino's documentation, "Mathematical functions and operators": division of integers truncates.
    ("7/2, -7/2, 7 % 3, -7 % 3", ["3", "-3", "1", "-1"]),
    # io.trino.type.DecimalOperators: results are decimals, rounded half up.
    ("1.0/3, 7.0/2, 1.25*1.5, 10/4.0, 2.0/3", ["0.3", "3.5", "1.875", "2.5", "0.7"]),
    ("1e0/0, 0e0/0", ["Infinity", "NaN"]),
    ("cast(1e7 as varchar), cast(1.5e-5 as varchar), cast(0.1e0 as varchar)", ["1.0E7", "1.5E-5", "0.1"]),
    ("1e7, 123456789.5e0, 1e-4, 100e0", ["1.0E7", "1.234567895E8", "1.0E-4", "100.0"]),
    ("cast(2.5 as integer), cast(2.5e0 as integer), cast(-2.5e0 as integer)", ["3", "3", "-3"]),
    ("round(2.5e0), round(-2.5e0), round(1.235, 2)", ["3.0", "-3.0", "1.240"]),
    ("try_cast('1.5' as integer), try_cast('12' as integer), try(1/0)", [None, "12", None]),
    ("try_cast('2020/01/01' as date), cast('2020-1-2' as date)", [None, "2020-01-02"]),
    ("concat('a', null), 'a' || 'b', greatest(1, null), least(2, 1)", [None, "ab", None, "1"]),
    # "String functions": position 0 has nothing, negative ones count from the end; a missing part is null.
    ("substr('hello', 0), substr('hello', -3), substr('hello', 2, 2)", ["", "llo", "el"]),
    ("split_part('a,b', ',', 2), split_part('a,b', ',', 3), split('a,b', ',')", ["b", None, "[a, b]"]),
    ("regexp_extract('abc', 'x'), regexp_extract('a12', '([0-9])([0-9])', 2)", [None, "2"]),
    ("regexp_replace('a1b2', '([0-9])', '<$1>'), regexp_like('abc', 'b')", ["a<1>b<2>", "true"]),
    # "Array functions": one-based, negative from the end, null beyond it.
    ("element_at(array[1,2], 2), element_at(array[1,2], -1), element_at(array[1], 5)", ["2", "2", None]),
    ("array[1,2][2], cardinality(array[1,null]), contains(array[1], 1)", ["2", "2", "true"]),
    ("array_distinct(array[2,1,2,null,null]), array_sort(array[2,null,1])", ["[2, 1, null]", "[1, 2, null]"]),
    ("array_join(array[1,null,2], '-'), array_join(array[1,null], '-', 'x')", ["1-2", "1-x"]),
    ("slice(array[1,2,3], 2, 2), sequence(1, 3), array[1] || array[2]", ["[2, 3]", "[1, 2, 3]", "[1, 2]"]),
    ("transform(array[1,2], x -> x * 2), filter(array[1,2], x -> x > 1)", ["[2, 4]", "[2]"]),
    ("reduce(array[1,2,3], 0, (s, x) -> s + x, s -> s * 10)", ["60"]),
    ("map(array['k'], array[1]), map(array['k'], array[1])['k']", ["{k=1}", "1"]),
    ("element_at(map(array['k'], array[1]), 'x'), map_keys(map(array['k'], array[1]))", [None, "[k]"]),
    ("row(1, 'a'), cast(row(1, 'a') as row(x bigint, y varchar)).y", ["{field0=1, field1=a}", "a"]),
    # "Date and time functions": complete units, and dates stay dates.
    ("date_diff('month', date '2020-01-31', date '2020-02-28')", ["0"]),
    (
        "date_add('month', 1, date '2020-01-31'), date '2020-01-31' + interval '1' day",
        ["2020-02-29", "2020-02-01"],
    ),
    ("date_trunc('month', timestamp '2020-02-03 10:00:00')", ["2020-02-01 00:00:00.000"]),
    (
        "date_format(timestamp '2020-01-02 15:04:05', '%Y/%m/%d %H:%i:%s %W')",
        ["2020/01/02 15:04:05 Thursday"],
    ),
    (
        "date_parse('2020-01-02 03', '%Y-%m-%d %H'), day_of_week(date '2024-09-01')",
        ["2020-01-02 03:00:00.000", "7"],
    ),
    ("format_datetime(date '2020-01-02', 'yyyy-MM-dd'), year(date '2020-01-02')", ["2020-01-02", "2020"]),
    (
        "from_unixtime(0), to_unixtime(timestamp '1970-01-02 00:00:00')",
        ["1970-01-01 00:00:00.000 UTC", "86400.0"],
    ),
    ("timestamp '2020-01-02 01:00:00' - timestamp '2020-01-01 00:00:00'", ["1 01:00:00.000"]),
    # "JSON functions": a scalar is text; objects and what is not JSON are null.
    ("""json_extract_scalar('{"a":{"b":1}}', '$.a.b')""", ["1"]),
    ("""json_extract_scalar('{"a":{}}', '$.a'), json_extract('{"a":[1]}', '$.a')""", [None, "[1]"]),
    ("json_extract_scalar('not json', '$.a'), cast(json_parse('[1,2]') as array(bigint))", [None, "[1, 2]"]),
    (
        "to_hex(md5(to_utf8('a'))), x'0aff', from_utf8(x'41')",
        ["0CC175B9C0F1B6A831C399E269772661", "0a ff", "A"],
    ),
    (
        "url_extract_host('https://h.org:80/x?y=1#z'), url_extract_parameter('http://h/p?a=1&b=2', 'b')",
        ["h.org", "2"],
    ),
    (
        "if(1 = 2, 'a'), nullif(1, 1), coalesce(null, 3), case 2 when 1 then 'a' else 'b' end",
        [None, None, "3", "b"],
    ),
    (
        "typeof(1), typeof(1.50), typeof('ab'), typeof(array[1])",
        ["integer", "decimal(3, 2)", "varchar(2)", "array(integer)"],
    ),
    (
        "2 between 1 and 3, null is distinct from 1, 'a' like 'A', not true",
        ["true", "true", "false", "false"],
    ),
    (
        "'a' not like 'b', 'a' not like 'a', not 'ab' like 'a%', 'a' not like null",
        ["true", "false", "false", None],
    ),
    ("1 not in (2), 1 not between 2 and 3, 1 is not null", ["true", "true", "true"]),
    ("'5%' not like '5!%' escape '!', 2 not in (1, null)", ["false", None]),
    (
        "'50%' like '50\\%' escape '\\', position('b' in 'abc'), trim(leading 'x' from 'xxa')",
        ["true", "2", "a"],
    ),
]


@pytest.mark.parametrize(("sql", "expected"), VALUES, ids=[sql[:50] for sql, _ in VALUES])
def test_an_expression_has_trinos_value(sql: str, expected: list[str | None]) -> None:
    """Each value is what Trino's documentation says (see the comments)."""
    assert evaluate(f"SELECT {sql}") == [expected]


QUERIES = [
    (
        "select x from (values 2, null, 1) as t(x) order by x desc",
        [["2"], ["1"], [None]],
    ),  # "ORDER BY": NULLS LAST
    ("select avg(d) from (values decimal '1.25', 2.50, 2.51) as t(d)", [["2.09"]]),
    ("select sum(x), avg(x), count(*) from (values 1, 2, null) as t(x)", [["3", "1.5", "3"]]),
    (
        (
            "select array_agg(x order by x desc), listagg(x, ',') within group (order by x) from (values 'a',"
            " 'b') as t(x)"
        ),
        [["[b, a]", "a,b"]],
    ),
    ("select max_by(x, y), min_by(x, y) from (values ('a', 1), (null, 2)) as t(x, y)", [[None, "a"]]),
    ("select count(distinct x) filter (where x > 1) from (values 1, 2, 2) as t(x)", [["1"]]),
    (
        "select a, u from (values (1, array[5, 6])) as t(a, b) cross join unnest(b) as v(u)",
        [["1", "5"], ["1", "6"]],
    ),
    ("select a, u from (values (1, array[])) as t(a, b) left join unnest(b) as v(u) on true", [["1", None]]),
    (
        "select * from unnest(array[1, 2], array['a']) with ordinality as t(a, b, n)",
        [["1", "a", "1"], ["2", None, "2"]],
    ),
    ("select k, v from unnest(map(array['a'], array[1])) as t(k, v)", [["a", "1"]]),
    (
        "select x, y from unnest(array[cast(row(1, 'a') as row(p bigint, q varchar))]) as t(x, y)",
        [["1", "a"]],
    ),
    ("with w as (select 1 a), v(b) as (select a + 1 from w) select * from w, v", [["1", "2"]]),
    (
        (
            "select * from (values (1, 'l')) as a(id, x) full join (values (2, 'r')) as b(id, y) using (id)"
            " order by id"
        ),
        [["1", "l", None], ["2", None, "r"]],
    ),
    (
        (
            "select x, rank() over (order by x desc), lag(x, 1, 0) over (order by x) from (values 1, 2) as"
            " t(x) order by 1"
        ),
        [["1", "2", "0"], ["2", "1", "1"]],
    ),
    (
        (
            "select last_value(x) ignore nulls over (order by n) from (values (1, 'a'), (2, null)) as t(n, x)"
            " order by n"
        ),
        [["a"], ["a"]],
    ),
    (
        "select a, count(*) from (values 1, 1, 2) as t(a) group by rollup(a) order by 1",
        [["1", "2"], ["2", "1"], [None, "3"]],
    ),
    ("select 1 union all select 2.5 order by 1", [["1.0"], ["2.5"]]),
    ("select 1 intersect select 1", [["1"]]),
    ("select upper(x) x from (values 'b', 'a') as t(x) group by x order by x", [["A"], ["B"]]),
    ("select count(*) from (values 1, 2, 3) as t(x) where x >= all (select 2)", [["2"]]),
    ("select x from (values 1, 2, 3) as t(x) order by x offset 1 limit 1", [["2"]]),
    (
        "select x from (values 1, 2) as t(x) where exists (select 1 from (values 2) as u(y) where y = x)",
        [["2"]],
    ),
]


@pytest.mark.parametrize(("sql", "expected"), QUERIES, ids=[sql[:60] for sql, _ in QUERIES])
def test_a_query_has_trinos_rows(sql: str, expected: list[list[str | None]]) -> None:
    """Trino's documentation, "SELECT", "Aggregate functions", "Window functions"."""
    assert evaluate(sql) == expected


REFUSED = [
    ("select 1 from (values 1) as t(x) tablesample bernoulli(10) repeatable (1)", "NOT_SUPPORTED: "),
    ("select x ilike 'A' from (values 'a') as t(x)", "NOT_SUPPORTED: "),
    ("select * from (values 1) as t(x) limit 1 by x", "NOT_SUPPORTED: "),
    ("select x from (values 1) as t(x) qualify rank() over (order by x) = 1", "SYNTAX_ERROR: "),
    ("select 1 between symmetric 2 and 1", "NOT_SUPPORTED: "),
    ("select foo(1)", "FUNCTION_NOT_FOUND: line 1:8: Function 'foo' not registered"),
    (
        "select 1,\n  soundex('a')",
        "NOT_SUPPORTED: line 2:3: Function 'soundex' is not supported by the local Athena",
    ),
    ("select lower(1)", "FUNCTION_NOT_FOUND: line 1:8: Unexpected parameters (integer) for function lower."),
    ("select x from (values 1) as t(y)", "COLUMN_NOT_FOUND: line 1:8: Column 'x' cannot be resolved"),
    (
        "select 1 from (values '1') as t(y) where y = 1",
        "TYPE_MISMATCH: line 1:42: Cannot apply operator: varchar(1) = integer",
    ),
    (
        "select date '2020-01-01' >= '2020-01-01'",
        "TYPE_MISMATCH: line 1:13: Cannot apply operator: date >= varchar(10)",
    ),
    ("select 'a' + 1", "TYPE_MISMATCH: line 1:8: Cannot apply operator: varchar(1) + integer"),
    ("select cast('1.5' as integer)", "INVALID_CAST_ARGUMENT: Cannot cast '1.5' to INT"),
    ("select 1/0", "DIVISION_BY_ZERO: Division by zero"),
    ("select 1.0/0", "DIVISION_BY_ZERO: Division by zero"),
    (
        "select array[1][2]",
        "INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or equal to array length: 2 > 1",
    ),
    ("select map(array['a'], array[1])['b']", "INVALID_FUNCTION_ARGUMENT: Key not present in map: b"),
    ("select x, count(*) from (values 1) as t(x)", "EXPRESSION_NOT_AGGREGATE: "),
    (
        "select 1 where 1",
        "TYPE_MISMATCH: line 1:16: WHERE clause must evaluate to a boolean: actual type integer",
    ),
    ("select * from nowhere", "TABLE_NOT_FOUND: nowhere"),
    ("selec 1", "SYNTAX_ERROR: line 1:7: mismatched input '1': it is not expected here"),
    (
        "select 1 from (values 1) as t(x) having",
        "SYNTAX_ERROR: line 1:34: mismatched input 'having': something is missing behind it",
    ),
    (
        "select a.x from (values 1) as a(x), (values 1) as a(x)",
        "AMBIGUOUS_NAME: line 1:8: Column 'a.x' is ambiguous",
    ),
    ("select 1 union select 'a'", "TYPE_MISMATCH: "),
    ("select regexp_like('a', '(?=a)')", "NOT_SUPPORTED: line 1:25: a regular expression with look-around"),
    ("select json_extract_scalar('{}', '$..a')", "NOT_SUPPORTED: line 1:34: the JSON path $..a"),
    ("select now() at time zone 'Europe/Berlin'", "NOT_SUPPORTED: "),
    ("with recursive t(n) as (select 1) select * from t", "NOT_SUPPORTED: "),
    ("select * from read_csv('/etc/passwd')", "NOT_SUPPORTED: "),
    ("select getenv('HOME')", "FUNCTION_NOT_FOUND: "),
]


@pytest.mark.parametrize(("sql", "expected"), REFUSED, ids=[sql[:50] for sql, _ in REFUSED])
def test_a_mistake_is_refused_with_its_place(sql: str, expected: str) -> None:
    """What Athena refuses is refused; what is not translated is named. Codes: Trino's ``StandardErrorCode``."""
    with pytest.raises(QueryError) as refused:
        evaluate(sql)
    assert str(refused.value).startswith(expected)
