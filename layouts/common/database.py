"""Databases of the Data Catalog that a workflow needs."""

from typing import Any


def ensure_database(glue: Any, name: str) -> None:
    """Create the database if it does not exist; an existing one is not changed.

    Args:
        glue: a boto3 Glue client.
        name: lower case, as Glue stores it.
    """
    try:
        glue.create_database(DatabaseInput={"Name": name})
    except glue.exceptions.AlreadyExistsException:
        print("The database {} exists already.".format(name))
