"""Connection types of databases."""

from __future__ import annotations

from glueprint.runtime.storage.jdbc.conf import conf_of_connection, conf_of_options
from glueprint.runtime.storage.jdbc.sink import JdbcSink
from glueprint.runtime.storage.jdbc.source import JdbcSource, table_of
from glueprint.runtime.storage.options import Options
from glueprint.runtime.storage.services import Services


class Jdbc:
    """``mysql``, ``postgresql``, ...: the vendor that the address must be of; ``""`` for any."""

    def __init__(self, vendor: str = "") -> None:
        self._vendor = vendor

    def source(self, services: Services, options: Options, ctx: str, predicate: str) -> JdbcSource:
        """The rows of ``dbtable`` or ``query``."""
        table, is_query = table_of(options)
        conf = conf_of_options(services, options, self._vendor).in_database(options.text("database"))
        return JdbcSource(services, conf, table, options, ctx, is_query)

    def sink(self, services: Services, options: Options, ctx: str) -> JdbcSink:
        """The table ``dbtable``."""
        conf = conf_of_options(services, options, self._vendor).in_database(options.text("database"))
        return JdbcSink(services, conf, options)


def sink_of_connection(services: Services, name: str, options: Options, catalog_id: str) -> JdbcSink:
    """A sink by a connection of the Data Catalog (``write_dynamic_frame.from_jdbc_conf``)."""
    conf = conf_of_connection(services, name, catalog_id).in_database(options.text("database"))
    return JdbcSink(services, conf, options)
