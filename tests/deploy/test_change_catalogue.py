"""Every blueprint of the catalogue can be applied with its example parameters, and is then unchanged."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from harness.account_in_process import AccountInProcess

from glueprint.blueprint.bundler import catalogue_names
from glueprint.check.example import example_parameters
from glueprint.check.subject import find_subjects
from glueprint.client.objects import Location
from glueprint.deploy.change.applying import apply
from glueprint.deploy.change.history import plan_of_drift
from glueprint.deploy.change.planning import open_state, plan_of_layout
from glueprint.deploy.change.requests import Account
from glueprint.deploy.definitions.layout import lay_out
from glueprint.deploy.definitions.recording import RecordingAccount

pytestmark = pytest.mark.lifecycle
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", catalogue_names(ROOT))
def test_blueprint_of_the_catalogue(name: str, tmp_path: Path) -> None:
    """Applied once, the plan is empty, also where the layout creates a database: then it finds one."""
    (subject,) = find_subjects(name, ROOT)
    parameters, wrong, _ = example_parameters(subject, None)
    assert not wrong
    assert parameters is not None
    buckets = set(re.findall(r"s3://([a-z0-9.-]+)", json.dumps(parameters)))
    with AccountInProcess(tmp_path / "data", *sorted(buckets | {parameters["ScriptBucket"]})) as session:
        account = Account.of(session)
        for number in (1, 2):
            laid_out = lay_out(subject, parameters, answer=RecordingAccount(session).answer)
            store = open_state(account, laid_out.name, Location(parameters["ScriptBucket"]), laid_out.uploads)
            plan = plan_of_layout(account, store, laid_out, blueprint=name, parameters=parameters)
            assert plan.is_empty is (number == 2), plan.changes
            apply(account, plan)
        assert plan_of_drift(account, store).is_empty
