"""The project of an imported workflow, planned against the workflow itself, changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

from harness.account_in_process import AccountInProcess
from imported_account import prepared

from glueprint.deploy.change.planning import open_state, plan_of_layout
from glueprint.deploy.change.requests import Account
from glueprint.deploy.definitions.layout import lay_out
from glueprint.deploy.definitions.recording import RecordingAccount
from glueprint.deploy.importing.collecting import collect
from glueprint.deploy.importing.project import project_of, subject_of
from glueprint.deploy.importing.read_only import ReadOnly


def test_a_plan_of_an_imported_workflow_is_empty(tmp_path: Path) -> None:
    """`glueprint plan` of the project, with its example parameters, shows no change of the workflow that was
    imported: jobs, crawlers and triggers keep their names, the scripts are the ones that are there; of another job
    script only the upload."""
    with AccountInProcess(tmp_path / "data", "code", "data") as session:
        prepared(session)
        project = project_of(collect(ReadOnly(session), "nightly"), "imported")
        parameters = json.loads(project.files["parameters.example.json"])
        account = Account.of(session)

        def planned(files: dict[str, bytes]) -> list[str]:
            subject = subject_of("imported", files)
            made = lay_out(subject, parameters, answer=RecordingAccount(session).answer)
            store = open_state(account, "nightly", None, made.uploads)
            plan = plan_of_layout(account, store, made, blueprint="imported", parameters=parameters)
            found = [str(one.key) for one in plan.changes] + [one.target.location for one in plan.uploads]
            assert plan.is_empty is (not found)
            return found

        assert planned(dict(project.files)) == []
        assert planned({**project.files, "scripts/load.py": b"print('other')\n"}) == ["s3://code/etl/load.py"]
