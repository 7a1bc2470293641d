"""Statements of the kinds that Amazon's documentation publishes: each is run, or refused by name."""

from __future__ import annotations

import pytest
from query_public_data import OBJECTS
from query_public_statements import REFUSED, RUN
from query_running import Statements

pytestmark = pytest.mark.query

GROK = """CREATE EXTERNAL TABLE public.grok_logs (line string)
    ROW FORMAT SERDE 'com.amazonaws.glue.serde.GrokSerDe'
    WITH SERDEPROPERTIES ('input.format' = '%{GREEDYDATA:line}') LOCATION 's3://data/public/tabs/'"""


@pytest.fixture(scope="module")
def public(shop: Statements) -> Statements:
    """The database ``public``, and the objects of its tables."""
    shop.run("CREATE DATABASE public")
    for key, content in OBJECTS.items():
        shop.put(key, content)
    shop.run(GROK)
    return shop.within("public")


def test_public_statements_run(public: Statements) -> None:
    """Each statement succeeds, with the rows that its page describes."""
    problems = []
    for page, sql, expected in RUN:
        answer = public.answer(sql)
        if answer.error is not None:
            problems.append(f"{page}: {answer.error}")
        elif isinstance(expected, str):
            found = public.result(answer).decode()
            if not found.startswith(expected):
                problems.append(f"{page}: {found!r}")
        elif expected is not None and (rows := public.result_rows(answer)) != expected:
            problems.append(f"{page}: {rows}")
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(("page", "sql", "expected"), REFUSED, ids=[page for page, _, _ in REFUSED])
def test_public_statements_are_refused_by_name(
    public: Statements, page: str, sql: str, expected: str
) -> None:
    """What is not supported here is named in the reason."""
    assert public.error(sql).startswith(expected)
