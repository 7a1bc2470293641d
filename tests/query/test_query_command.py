"""``glueprint query``: what it prints, and how it ends (docs/query.md)."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from harness.local_server import Server, until
from query_running import Statements

from glueprint.cli.main import cli

Command = Callable[..., Result]
SALES = "SELECT id, name, price, id > 1 AS later, cast(id AS double) AS n FROM shop.sales ORDER BY id"


@pytest.fixture(scope="module")
def command(query_server: Server, shop: Statements) -> Command:
    """Runs the command on the server of the database ``shop``."""

    def invoke(*arguments: str, input: str | None = None) -> Result:
        place = ["query", "--data-dir", str(query_server.data_dir)]
        found = CliRunner().invoke(cli, [*place, *arguments], input=input)
        if found.exception is not None and not isinstance(found.exception, SystemExit):
            raise found.exception
        return found

    return invoke


def test_rows_are_a_table(command: Command) -> None:
    """Numbers are on the right, null is an empty cell; the number of rows and bytes is on stderr."""
    found = command(SALES)
    assert found.exit_code == 0
    lines = [line.rstrip() for line in found.stdout.splitlines()]
    assert lines[0].split() == ["id", "name", "price", "later", "n"]
    assert lines[1].split() == ["1", "ann", "10.50", "false", "1.0"]
    assert lines[3].split() == ["3", "0.75", "true", "3.0"]
    assert lines[2].index("2.25") == lines[1].index("10.50") + 1
    assert found.stderr.startswith("3 rows, ")
    assert "the first 1 row, " in command("--rows", "1", SALES).stderr
    assert command("SELECT * FROM shop.sales WHERE id > 99").stderr.startswith("0 rows, ")


@pytest.mark.query
def test_rows_are_csv_or_json(command: Command) -> None:
    """``--csv``: a header and all rows; ``--json``: numbers and Booleans are JSON's, decimals stay exact texts."""
    assert command("--csv", SALES).stdout.splitlines() == [
        "id,name,price,later,n",
        "1,ann,10.50,false,1.0",
        "2,bob,2.25,true,2.0",
        "3,,0.75,true,3.0",
    ]
    assert command("--csv", "SELECT * FROM shop.sales WHERE false").stdout == "id,name,price,day,region\n"
    found = json.loads(command("--json", SALES).stdout)
    assert found["Columns"][2] == {"Name": "price", "Type": "decimal"}
    assert found["Rows"][2] == {"id": 3, "name": None, "price": "0.75", "later": True, "n": 3.0}
    assert json.loads(command("--json", "SELECT 1 AS a WHERE false").stdout)["Rows"] == []


@pytest.mark.query
def test_statements_without_rows(command: Command) -> None:
    """SHOW prints lines; DDL says that it is done; a file and standard input are read."""
    assert command("-d", "shop", "SHOW TABLES 'sales'").stdout == "sales\n"
    assert command("CREATE DATABASE IF NOT EXISTS made_by_command").stderr == "done\n"
    assert command("SHOW TABLES IN made_by_command").stderr == "nothing found\n"
    assert command("--csv", "--file", "-", input="SELECT 1 AS one").stdout == "one\n1\n"


MISTAKES = [
    (
        "SELECT * FROM shop.slaes",
        "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.shop.slaes' does not exist; did you mean sales?\n",
    ),
    (
        "SELECT * FROM shpo.sales",
        "Error: SCHEMA_NOT_FOUND: line 1:15: Schema 'shpo' does not exist; did you mean shop?\n",
    ),
    ("DROP DATABASE shpo", "Error: SCHEMA_NOT_FOUND: Database does not exist: shpo; did you mean shop?\n"),
    ("SELECT * FROM sales", "default has no tables; -d names another database, the databases are "),
    ("SELECT nope FROM shop.sales", "Error: COLUMN_NOT_FOUND: line 1:8: Column 'nope' cannot be resolved\n"),
    ("SELEC 1", "Error: SYNTAX_ERROR: line 1:1: mismatched input 'SELEC'"),
]


@pytest.mark.query
@pytest.mark.parametrize(("sql", "expected"), MISTAKES)
def test_a_mistake_is_named_with_similar_names(command: Command, sql: str, expected: str) -> None:
    """Exit code 1, Athena's reason on stderr, and what is there instead."""
    found = command(sql)
    assert (found.exit_code, found.stdout) == (1, "")
    assert expected in found.stderr


@pytest.mark.parametrize(
    "arguments",
    [(), ("",), ("SELECT 1", "--csv", "--json"), ("SELECT 1", "--output", "results"), ("--rows", "-1")],
)
def test_wrong_arguments_are_refused(command: Command, arguments: tuple[str, ...]) -> None:
    """Exit code 2, before anything runs."""
    assert command(*arguments).exit_code == 2


@pytest.mark.query
def test_control_c_stops_the_query(query_server: Server, shop: Statements) -> None:
    """SIGINT: the query is CANCELLED, the command ends with its id."""
    sql = "SELECT count(*) FROM unnest(sequence(1, 100000)) a(x), unnest(sequence(1, 100000)) b(y) WHERE x = y - 7"
    line = [sys.executable, "-m", "glueprint.cli", "query", "--data-dir", str(query_server.data_dir), sql]
    athena = shop.client("athena")
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:

        def running() -> str | None:
            for id_ in athena.list_query_executions()["QueryExecutionIds"]:
                found = athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]
                if found["Query"] == sql and found["Status"]["State"] == "RUNNING":
                    return str(id_)
            return None

        id_ = until(running)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert (process.returncode, errors) == (1, f"Error: the query {id_} was stopped\n")
    state = athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]["Status"]["State"]
    assert state == "CANCELLED"
