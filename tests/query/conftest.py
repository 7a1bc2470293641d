"""One server for the statements of this directory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from harness.local_server import Server
from query_running import Statements


@pytest.fixture(scope="session")
def query_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A local Glue; tests use databases of their own."""
    with Server(tmp_path_factory.mktemp("query") / "data") as server:
        yield server


@pytest.fixture(scope="session")
def shop(query_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Statements:
    """A database with a table of three sales in Parquet."""
    shop = Statements(query_server, tmp_path_factory.mktemp("statements"), "shop")
    shop.run(
        "CREATE TABLE sales WITH (external_location = 's3://data/sales/') AS SELECT * FROM (VALUES (1, 'ann',"
        " DECIMAL '10.50', DATE '2024-01-01', 'n'), (2, 'bob', DECIMAL '2.25', DATE '2024-01-02', 's'), (3,"
        " NULL, DECIMAL '0.75', DATE '2024-01-02', 'n')) AS t(id, name, price, day, region)"
    )
    return shop
