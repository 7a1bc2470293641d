"""Databases of a real PostgreSQL for tests of the catalogue's jobs, which Spark reads in this process."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from harness.postgresql import DRIVER, Postgres, running_postgres

from glue_jobs.common.database_address import DatabaseAddress
from glue_jobs.common.database_source import DatabaseSource, open_database
from glue_jobs.common.jdbc_session import JdbcSession

NUMBERS = itertools.count()


def server_of_module() -> Iterator[Postgres]:
    """A server; a module makes a fixture of it."""
    with running_postgres() as server:
        yield server


def spark_with_driver(spark: Any) -> Any:
    """Spark with the driver on its class path, as Glue's; a module makes a fixture of it."""
    jvm = spark._jvm
    jvm.java.lang.Thread.currentThread().getContextClassLoader().addURL(jvm.java.net.URL(DRIVER.as_uri()))
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    return spark


class Database:
    """A database of one test."""

    def __init__(self, engine: Any, server: Postgres) -> None:
        self.engine = engine
        self.server = server
        self.name = f"d{next(NUMBERS)}"
        server.sql(f"create database {self.name}")

    def sql(self, statements: str) -> str:
        """Run statements."""
        return self.server.sql(statements, self.name)

    def source(self, tasks: int = 4, key: str = "", unbounded: str = "decimal") -> DatabaseSource:
        """The database as a source."""
        conf = {"fullUrl": self.server.url(self.name), "user": "glue", "password": "x"}
        return open_database(self.engine, conf, tasks, key, unbounded)

    @property
    def address(self) -> DatabaseAddress:
        """Its address."""
        return DatabaseAddress(self.server.url(self.name), "glue", "x")

    def session(self) -> JdbcSession:
        """A session with it."""
        return JdbcSession(self.engine, self.address)
