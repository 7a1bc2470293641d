"""Catalogue databases that a workflow needs."""

from typing import Any


def ensure_database(glue: Any, name: str) -> None:
    """Make the database if it is not there; an existing one is left as it is.

    Args:
        glue: a boto3 Glue client.
        name: lower case, as Glue stores it.
    """
    try:
        glue.create_database(DatabaseInput={"Name": name})
    except glue.exceptions.AlreadyExistsException:
        print("The database {} is there already.".format(name))
