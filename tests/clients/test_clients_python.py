"""awswrangler, s3fs and pyiceberg, in an environment of their own, against one local Glue."""

from __future__ import annotations

from functools import cache

import pytest
from clients_environment import MISSING, PYTHON, checks_in, outcomes_of
from harness.local_server import Server

SCRIPTS = ("clients_awswrangler.py", "clients_athena.py", "clients_s3fs.py", "clients_pyiceberg.py")
CHECKS = [(script, check) for script in SCRIPTS for check in checks_in(script)]

pytestmark = [pytest.mark.clients, pytest.mark.skipif(not PYTHON.exists(), reason=MISSING)]
_outcomes = cache(outcomes_of)


@pytest.mark.parametrize(("script", "check"), CHECKS, ids=[f"{s[8:-3]}-{c[6:]}" for s, c in CHECKS])
def test_a_python_client_works(script: str, check: str, clients_server: Server) -> None:
    """The client does what its own documentation says it does on AWS; see the script."""
    assert _outcomes(script, clients_server)[check] == "", _outcomes(script, clients_server)[check]
