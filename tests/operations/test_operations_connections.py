"""Connections as clients get them, and tests of whether a database can be reached."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
from operations_harness import Operations

from glueprint.local.glue.crawling.jdbc import BadJdbcUrlError, Endpoint, endpoint_of

JDBC = {
    "Name": "db",
    "ConnectionType": "JDBC",
    "ConnectionProperties": {
        "JDBC_CONNECTION_URL": "jdbc:postgresql://127.0.0.1:1/x",
        "USERNAME": "u",
        "PASSWORD": "secret",
    },
}


def test_a_connection_can_be_returned_without_its_password(glue: Operations) -> None:
    """HidePassword (service model, GetConnection and GetConnections)."""
    glue.call("CreateConnection", ConnectionInput=JDBC, Tags={"team": "x"})
    shown = glue.call("GetConnection", Name="db")["Connection"]
    hidden = glue.call("GetConnections", HidePassword=True)["ConnectionList"][0]
    assert shown["ConnectionProperties"]["PASSWORD"] == "secret"
    assert "PASSWORD" not in hidden["ConnectionProperties"]
    arn = "arn:aws:glue:us-east-1:123456789012:connection/db"
    assert glue.call("GetTags", ResourceArn=arn)["Tags"] == {"team": "x"}


def test_credentials_of_a_connection_are_not_returned(glue: Operations) -> None:
    """The model's AuthenticationConfiguration has no members for them."""
    oauth = {"OAuth2GrantType": "JWT_BEARER", "OAuth2Credentials": {"AccessToken": "t0ps3cret"}}
    given = {"AuthenticationType": "OAUTH2", "OAuth2Properties": oauth}
    glue.call(
        "CreateConnection",
        ConnectionInput={
            "Name": "s",
            "ConnectionType": "SALESFORCE",
            "ConnectionProperties": {},
            "AuthenticationConfiguration": given,
        },
    )
    shown = glue.call("GetConnection", Name="s")["Connection"]
    assert shown["AuthenticationConfiguration"]["OAuth2Properties"] == {"OAuth2GrantType": "JWT_BEARER"}
    assert "t0ps3cret" not in json.dumps(shown)


def test_connections_are_found_by_type_and_criteria(glue: Operations) -> None:
    """GetConnectionsFilter: type, and criteria that the definition records (service model)."""
    network = {"Name": "n", "ConnectionType": "NETWORK", "ConnectionProperties": {}, "MatchCriteria": ["x", "y"]}
    glue.call("CreateConnection", ConnectionInput=JDBC)
    glue.call("CreateConnection", ConnectionInput=network)

    def names(**wanted: Any) -> list[str]:
        return [one["Name"] for one in glue.call("GetConnections", Filter=wanted)["ConnectionList"]]

    assert names() == ["db", "n"]
    assert names(ConnectionType="JDBC") == ["db"]
    assert names(MatchCriteria=["x"]) == ["n"]
    assert names(MatchCriteria=["x", "z"]) == []
    assert names(ConnectionSchemaVersion=2) == []


def test_connections_are_replaced_and_deleted(glue: Operations) -> None:
    """UpdateConnection replaces; BatchDeleteConnection lists the result for each name (service model)."""
    glue.call("CreateConnection", ConnectionInput=JDBC | {"Description": "old"})
    assert glue.refused("CreateConnection", ConnectionInput=JDBC).code == "AlreadyExistsException"
    glue.call("UpdateConnection", Name="db", ConnectionInput=JDBC)
    assert "Description" not in glue.call("GetConnection", Name="db")["Connection"]
    done = glue.call("BatchDeleteConnection", ConnectionNameList=["db", "none"])
    assert done["Succeeded"] == ["db"]
    assert done["Errors"]["none"]["ErrorCode"] == "EntityNotFoundException"
    assert glue.refused("GetConnection", Name="db").code == "EntityNotFoundException"


def test_a_jdbc_connection_requires_a_url_and_credentials(glue: Operations) -> None:
    """Service model, ConnectionType: a URL or host, port, engine; user and password or a secret."""
    bare = {"Name": "db", "ConnectionType": "JDBC", "ConnectionProperties": {}}
    message = glue.refused("CreateConnection", ConnectionInput=bare).message
    assert "JDBC_CONNECTION_URL" in message
    assert "SECRET_ID" in message


def test_test_connection_connects_to_the_database(glue: Operations) -> None:
    """TestConnection answers 200 when the port answers and InvalidInputException when it does not."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        url = {"JDBC_CONNECTION_URL": f"jdbc:mysql://127.0.0.1:{port}/x", "USERNAME": "u", "PASSWORD": "p"}
        given = {"ConnectionType": "JDBC", "ConnectionProperties": url}
        assert glue.call("TestConnection", TestConnectionInput=given) == {}
    refused = glue.refused("TestConnection", TestConnectionInput=given)
    assert refused.code == "InvalidInputException"
    assert f"127.0.0.1 port {port}" in refused.message
    kafka = {"ConnectionType": "KAFKA", "ConnectionProperties": {}}
    assert "KAFKA" in glue.refused("TestConnection", TestConnectionInput=kafka).message
    assert glue.refused("TestConnection", ConnectionName="none").code == "EntityNotFoundException"


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"JDBC_CONNECTION_URL": "jdbc:postgresql://h.example:5433/db?ssl=true"}, Endpoint("h.example", 5433)),
        ({"JDBC_CONNECTION_URL": "jdbc:redshift://h/db"}, Endpoint("h", 5439)),
        ({"JDBC_CONNECTION_URL": "jdbc:sqlserver://h:1433;databaseName=x"}, Endpoint("h", 1433)),
        ({"JDBC_CONNECTION_URL": "jdbc:oracle:thin:@h:1522:ORCL"}, Endpoint("h", 1522)),
        ({"JDBC_CONNECTION_URL": "jdbc:oracle:thin:@//h/service"}, Endpoint("h", 1521)),
        ({"JDBC_CONNECTION_URL": "jdbc:oracle:thin://@h:1521/service"}, Endpoint("h", 1521)),
        ({"JDBC_CONNECTION_URL": "jdbc:mysql://[::1]:3307/db"}, Endpoint("::1", 3307)),
        ({"HOST": "h", "PORT": "9", "JDBC_ENGINE": "mysql"}, Endpoint("h", 9)),
    ],
)
def test_a_jdbc_url_names_an_endpoint(properties: dict[str, str], expected: Endpoint) -> None:
    """The forms of DG: "AWS Glue connection properties"; without a port, the engine's default."""
    assert endpoint_of(properties) == expected


@pytest.mark.parametrize(
    "url", ["", "postgresql://h/db", "jdbc:derby:x", "jdbc:mysql://h:99999/db", "jdbc:odd://h/x"]
)
def test_a_url_without_an_endpoint_is_refused(url: str) -> None:
    """No endpoint is guessed."""
    with pytest.raises(BadJdbcUrlError):
        endpoint_of({"JDBC_CONNECTION_URL": url})
