"""What a workflow needs before it can be made: its scripts in S3, its database."""

import hashlib
import os
from typing import Any, Dict, Mapping, Sequence

from botocore.exceptions import ClientError

from layouts.common.clients import aws_client
from layouts.common.common_parameters import CommonSettings
from layouts.common.database import ensure_database


def prepare(
    common: CommonSettings,
    system_params: Mapping[str, str],
    blueprint: str,
    scripts: Sequence[str],
    database: str = "",
) -> Dict[str, str]:
    """Upload the scripts, create the database; return the location of each script by its file name.

    Args:
        common: the common parameters.
        system_params: of the layout; the bucket must belong to ``accountId``.
        blueprint: the blueprint's name.
        scripts: file names below ``scripts/``.
        database: of the Data Catalog, made if it does not exist; empty for none.

    Raises:
        ValueError: see :func:`stage_script`.
    """
    s3, owner = aws_client("s3", system_params), system_params["accountId"]
    staged = {script: stage_script(s3, common.script_bucket, owner, blueprint, script) for script in scripts}
    if database:
        ensure_database(aws_client("glue", system_params), database)
    return staged


def stage_script(s3: Any, bucket: str, owner: str, blueprint: str, script: str) -> str:
    """Upload a script of the blueprint and return its S3 location.

    The key contains the content's hash: a new version of the blueprint has a new key, and the scripts of existing
    workflows are never replaced.

    Args:
        s3: a boto3 S3 client.
        bucket: the bucket for scripts; it must exist. It is never created: another account could own the name.
        owner: the account that must own the bucket.
        blueprint: the blueprint's name, which is its folder in the archive.
        script: the script's file name below ``scripts/``.

    Raises:
        ValueError: S3 refused, for instance because the bucket does not exist or is another account's.
    """
    # Glue runs a layout with the archive's folder below the working directory
    # (docs/facts/blueprints.md#zip-layout).
    with open(os.path.join(blueprint, "scripts", script), "rb") as file:
        body = file.read()
    digest = hashlib.sha256(body).hexdigest()[:16]
    key = "glueprint/{}/{}/{}".format(blueprint, digest, script)
    try:
        s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="text/x-python", ExpectedBucketOwner=owner)
    except ClientError as error:
        raise ValueError("The scripts cannot be put into the bucket {}: {}".format(bucket, error)) from error
    return "s3://{}/{}".format(bucket, key)
