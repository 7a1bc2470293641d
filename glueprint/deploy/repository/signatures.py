"""Signatures by OpenSSH: ``ssh-keygen -Y sign`` and ``-Y verify`` (man ssh-keygen, OpenSSH 8.2 or newer).

A developer signs with a key that he has anyway; an administrator lists the keys that he trusts in a file of
allowed signers, one a line: ``anna@example.com namespaces="glueprint" ssh-ed25519 AAAA...``. The namespace keeps
a signature of something else, such as a git commit, from counting here.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from glueprint.client.errors import GlueprintError, InvalidArgument

NAMESPACE = "glueprint"
_PROGRAM = "ssh-keygen"


class SignatureRefused(GlueprintError):
    """A signature is missing, or is not one of an allowed signer."""


def sign(text: bytes, key: Path) -> str:
    """Return the signature of ``text``. ssh-keygen requests a passphrase itself, or uses the agent.

    Args:
        text: what is signed.
        key: a private key, or the public key of one that ssh-agent has.

    Raises:
        InvalidArgument: there is no such key.
        GlueprintError: ssh-keygen failed.
    """
    if not key.is_file():
        raise InvalidArgument(f"there is no key {key}", "ssh-keygen -t ed25519 creates one")
    done = _run("-Y", "sign", "-f", str(key), "-n", NAMESPACE, stdin=text)
    if done.returncode != 0:
        raise GlueprintError(f"{key} could not sign: {_reason(done)}", "nothing was published")
    return done.stdout.decode()


def verify(text: bytes, signature: str | None, allowed_signers: Path) -> str:
    """Return who signed ``text``: the principal in the file of allowed signers.

    Raises:
        InvalidArgument: there is no such file.
        SignatureRefused: it is not signed, or not by an allowed signer.
    """
    if not allowed_signers.is_file():
        raise InvalidArgument(f"there is no file of allowed signers {allowed_signers}")
    if signature is None:
        raise SignatureRefused(
            "it is not signed, and signatures are required here",
            "publish a new version with --sign KEY",
        )
    with tempfile.TemporaryDirectory(prefix="glueprint-signature-") as folder:
        file = Path(folder) / "signature"
        file.write_text(signature)
        common = ("-f", str(allowed_signers), "-s", str(file))
        found = _run("-Y", "find-principals", *common)
        reason = _reason(found)
        for principal in found.stdout.decode(errors="replace").splitlines() if found.returncode == 0 else ():
            done = _run("-Y", "verify", "-n", NAMESPACE, "-I", principal, *common, stdin=text)
            if done.returncode == 0:
                return principal
            reason = _reason(done)
    raise SignatureRefused(
        f"its signature is not valid, or its signer is not allowed: {reason}",
        f"{allowed_signers} lists the allowed signers; do not use this version until that is understood",
    )


def _run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run([_PROGRAM, *arguments], input=stdin, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise GlueprintError(f"{_PROGRAM} is not installed", "signatures need OpenSSH 8.2 or newer") from error


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = (done.stderr or done.stdout).decode(errors="replace").splitlines()
    return next((line.strip() for line in lines if line.strip()), "no reason was given")
