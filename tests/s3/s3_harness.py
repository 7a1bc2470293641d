"""What the tests of S3 share: an endpoint's handle, a store in a folder, the code of a refusal."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from glueprint.local.s3 import S3_SCHEMA, S3_SETTINGS_SCHEMA, S3Store
from glueprint.local.store.database import Database

ACCOUNT = "123456789012"
DEADLINE = 60.0


@dataclass(frozen=True)
class Endpoint:
    """A running server and its store."""

    url: str
    root: Path
    store: S3Store

    def client(self, region: str = "us-east-1", **options: Any) -> Any:
        """A boto3 client that speaks to this endpoint only."""
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id="key",
            aws_secret_access_key="secret",
            config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}, **options),
        )


def open_store(folder: Path, **options: Any) -> tuple[Database, S3Store]:
    """A store in ``folder``; the caller closes the database."""
    database = Database(folder / "state.sqlite", [S3_SCHEMA, S3_SETTINGS_SCHEMA])
    return database, S3Store(database, folder / "s3", time.time, **options)


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    """The error code that a refusal carries."""
    return str(error.value.response["Error"]["Code"])
