"""The tables of a PostgreSQL database, listed by a Python shell job: its set of libraries has psycopg2."""

from typing import List

from glue_jobs.common.database_address import DatabaseAddress
from glue_jobs.common.listed_tables import ListedTable

CONNECT_SECONDS = 30
# Partitions are part of their table; temporary tables and those of the server itself are not copied.
LISTING = """
select n.nspname, c.relname, case when c.relkind in ('r', 'm') then pg_total_relation_size(c.oid) else 0 end
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition and c.relpersistence <> 't'
  and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and has_schema_privilege(n.oid, 'USAGE') and has_table_privilege(c.oid, 'SELECT')
order by 1, 2
"""


def list_postgresql_tables(address: DatabaseAddress) -> List[ListedTable]:
    """The tables and views that the connection's user may read, in the order of schema and name."""
    # Imported late: other blueprints and databases do not need it.
    import psycopg2

    connection = psycopg2.connect(
        connect_timeout=CONNECT_SECONDS, application_name="glueprint", **address.postgresql_parameters()
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute(LISTING)
            return [ListedTable(schema, name, size) for schema, name, size in cursor.fetchall()]
    finally:
        connection.close()
