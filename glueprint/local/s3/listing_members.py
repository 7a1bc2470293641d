"""Members that answers with lists share: the owner, continuation tokens, and keys in the requested encoding."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import quote

from glueprint.local.s3.call import Call
from glueprint.local.s3.errors import invalid_argument


def owner_id(account_id: str) -> str:
    """Return the canonical user id of an account: 64 hexadecimal digits, the same every time."""
    return account_id.rjust(64, "0")


def encode_token(last: str) -> str:
    """Return an opaque continuation token for what comes after ``last``."""
    return base64.urlsafe_b64encode(b"1" + last.encode()).decode("ascii")


def decode_token(token: str | None) -> str:
    """Return the position in a continuation token; the empty string without a token.

    Raises:
        S3Error: InvalidArgument for a token that this server did not make.
    """
    if token is None:
        return ""
    try:
        data = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
        if data[:1] == b"1":
            return data[1:].decode()
    except (binascii.Error, ValueError):
        pass
    raise invalid_argument("continuation-token", token, "The continuation token provided is incorrect")


def check_encoding(call: Call) -> None:
    """Refuse an encoding type other than ``url``.

    Raises:
        S3Error: InvalidArgument.
    """
    if call["EncodingType"] not in (None, "url"):
        raise invalid_argument(
            "encoding-type", call["EncodingType"], "Invalid Encoding Method specified in Request"
        )


def encoded(call: Call, text: str) -> str:
    """Return a key as the answer contains it: percent-encoded if the client requested that."""
    return quote(text, safe="/") if call["EncodingType"] == "url" else text
