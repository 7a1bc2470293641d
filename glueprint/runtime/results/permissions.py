"""What a script was not allowed to do, or could not find where it expected to."""

from __future__ import annotations

import re

from glueprint.runtime.results.ending import Ending

_NO_CREDENTIALS = re.compile(r"(No|Partial)CredentialsError|Unable to locate credentials|ProfileNotFound")
_NO_BUCKET = "NoSuchBucket"
_BUCKET_NAME = re.compile(r"NoSuchBucket[^\n]*?s3[an]?://(?P<name>[a-z0-9.-]+)")
_DENIED = re.compile(
    r"\b(AccessDenied(?:Exception)?|UnauthorizedOperation|InvalidAccessKeyId|SignatureDoesNotMatch"
    r"|UnrecognizedClientException|InvalidClientTokenId)\b|\b403 Forbidden\b|Status Code: 403"
)
_FILE = re.compile(r"PermissionError: \[Errno (?:1|13)\][^\n]*?(?P<path>'[^']*')?$", re.MULTILINE)


def no_credentials(ending: Ending) -> str | None:
    """boto3 found no keys: the script chose other ones than the run has."""
    if not _NO_CREDENTIALS.search(ending.said):
        return None
    return (
        "The script asked for credentials that a job does not have (a profile, or none at all). Make clients "
        "without profile_name and keys: the run's own are in its environment, here as on AWS."
    )


def no_bucket(ending: Ending) -> str | None:
    """A bucket that is not there."""
    if _NO_BUCKET not in (ending.error or ""):
        return None
    name = _BUCKET_NAME.search(ending.said)
    bucket = name["name"] if name else "NAME"
    return (
        f"The bucket {'of that name' if name is None else bucket} does not exist here: buckets of a real account "
        f"are not visible. Make it (aws s3 mb s3://{bucket}) and put the data there, or pass another path."
    )


def access_denied(ending: Ending) -> str | None:
    """A service said no. Here only wrong keys or an endpoint beside ours can be the reason."""
    match = _DENIED.search(ending.error or "")
    if match is None:
        return None
    return (
        f"The call was refused ({match[1] or '403'}). The local Glue checks no permissions, only signatures: the "
        "script probably sets keys or an endpoint of its own. On AWS the job's role lacks the permission."
    )


def file_permission(ending: Ending) -> str | None:
    """A file that this user may not touch."""
    match = _FILE.search(ending.error or "")
    if match is None:
        return None
    path = match["path"] or "a file"
    return (
        f"The script may not use {path} of this machine. A job may write in its working directory and in the "
        "folder for temporary files; on AWS there is nothing else either."
    )
