"""``glueprint policy``: least-privilege IAM for a blueprint's personas and roles."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from glueprint.cli.arguments import json_object, objects_of_s3, pairs
from glueprint.cli.output import console, echo, print_json
from glueprint.cli.target import open_session, with_target
from glueprint.client.errors import InvalidArgument
from glueprint.client.lookup import Lookup
from glueprint.client.observed_calls import observed_calls, runs_of
from glueprint.client.session import Target
from glueprint.deploy.definitions.subjects import NoBlueprint
from glueprint.deploy.permissions.layout import run_layout
from glueprint.deploy.permissions.places import folders_in
from glueprint.deploy.permissions.policies import Settings, policies, role_policies
from glueprint.deploy.permissions.statements import RolePolicy
from glueprint.iam.arns import Location

_ACCOUNT = re.compile(r"\d{12}")
_ROLE_ARN = re.compile(r"arn:[^:]+:iam::(\d{12}):role/.+")
_SUFFIX = re.compile(r"_[^_]+$")
_TEMPLATE = "cloudformation"


@click.command()
@click.argument("what", metavar="NAME | FOLDER | ZIP | WORKFLOW")
@click.option(
    "--workflow", "is_workflow", is_flag=True, help="WHAT is a deployed workflow: its jobs' and crawlers' roles."
)
@click.option("--params", "file", type=click.Path(path_type=Path), help="JSON file of parameters for the layout.")
@click.option("--param", "given", multiple=True, metavar="KEY=VALUE", help="One parameter; repeatable.")
@click.option("--object", "objects", multiple=True, metavar="S3URI=FILE", help="An object that the layout reads.")
@click.option(
    "--role", metavar="ARN", default="GlueBlueprintRun", show_default=True, help="Role of the blueprint run."
)
@click.option(
    "--publish",
    metavar="S3URI",
    default="s3://amzn-s3-demo-bucket/blueprints/",
    show_default=True,
    help="Where your organisation keeps blueprints, for administrators and developers.",
)
@click.option("--account", metavar="ID", help="The account of the ARNs; by default that of the roles.")
@click.option(
    "--partition", default="aws", show_default=True, help="The partition of the ARNs: aws-cn, aws-us-gov."
)
@click.option(
    "--observe",
    "runs",
    multiple=True,
    metavar="RUN",
    help="A workflow run, job run or blueprint run of the local Glue: what it called is added, what it did not "
    "need is marked.",
)
@click.option(
    "--only", multiple=True, metavar="NAME", help="Print only these: Administrator, BlueprintRun, Jobs, ..."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "json", _TEMPLATE)),
    default="text",
    show_default=True,
    help="How the policies are printed.",
)
@click.option("--create-roles", is_flag=True, help="Create the roles in the local Glue, or update their policies.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Write the documents into this folder."
)
@with_target
def policy(
    what: str,
    is_workflow: bool,
    file: Path | None,
    given: tuple[str, ...],
    objects: tuple[str, ...],
    role: str,
    publish: str,
    account: str | None,
    partition: str,
    runs: tuple[str, ...],
    only: tuple[str, ...],
    form: str,
    create_roles: bool,
    out: Path | None,
    target: Target,
) -> None:
    """Write least-privilege IAM policies for a blueprint.

    For the three personas of AWS's guide (administrator, developer, data analyst), the role of the blueprint run,
    and each role of its jobs and crawlers. The layout runs with the parameters, its calls of AWS are answered in
    memory; scripts are read, not run. Each statement is explained: which file and line needs it.

    --workflow is for a workflow that is deployed, however it was made: the policies of its jobs' and crawlers'
    roles, from their definitions and from the scripts in S3. Nothing is changed.

    A script that chooses names while it runs is allowed more than it needs, and never less where its values come
    from its arguments; --observe adds what a real run on the local Glue called, and marks what it did not need.

    \b
    Examples:
      glueprint policy file_presence
      glueprint policy file_presence --params orders.json --role arn:aws:iam::123456789012:role/Blueprints
      glueprint policy file_presence --params orders.json --observe wr_57b8
      glueprint policy dist/ingest.zip --format cloudformation > roles.json
      glueprint policy ingest/ --only Jobs --out policies/
      glueprint policy file_presence --params orders.json --create-roles
      glueprint policy --workflow orders --aws --region eu-central-1
    """
    if create_roles and target.aws:
        raise click.UsageError(
            "--create-roles is for the local Glue; in an account, deploy the template of --format cloudformation"
        )
    published = folders_in(publish)
    if len(published) != 1:
        raise click.UsageError(f"--publish takes s3://BUCKET/PREFIX/, not {publish}")
    account_id = _account(account, role)
    if is_workflow:
        if file is not None or given or objects:
            raise click.UsageError("--params, --param and --object are for a layout; leave out --workflow")
        name, location, every = _of_workflow(what, account_id, runs, form, target)
    else:
        from_file = json_object(file) if file is not None else None
        single = pairs(given, "--param")
        with console(stderr=True).status(f"reading {what} ..."):
            try:
                subject, run, origin = run_layout(what, Path(), from_file, single, objects_of_s3(objects))
            except NoBlueprint as error:
                raise InvalidArgument(error.message, "--workflow is for one that is deployed") from error
            name = subject.name
            account_id = account_id or _account_of_jobs(run.result.requests.jobs) or "123456789012"
            observed = _observed(runs, target) if runs else {}
            settings = Settings(name, role, published[0], observed)
            location = Location(account_id, target.region or "us-east-1", partition)
            every = policies(subject, run, settings, Location.variables() if form == _TEMPLATE else location)
        echo(f"the layout ran with {origin}", err=True)
    chosen = _chosen(every, only)
    if create_roles:
        _create_roles(chosen, location.account_id, target)
    elif out is not None:
        _write(chosen, name, location.account_id, form, out)
    else:
        _print(chosen, name, location.account_id, form)


def _of_workflow(
    what: str, account_id: str | None, runs: tuple[str, ...], form: str, target: Target
) -> tuple[str, Location, list[RolePolicy]]:
    """Return the name of a deployed workflow, where it is, and the policies of its roles."""
    from glueprint.deploy.permissions.deployed import location_of, read_nodes_of

    with open_session(target, existing=True) as session:
        name = Lookup(session).workflow(what).name
        nodes, location = read_nodes_of(session, name), location_of(session)
    if account_id is not None:
        location = replace(location, account_id=account_id)
    observed = _observed(runs, target, is_deployed=True) if runs else {}
    every = list(role_policies(nodes, observed, Location.variables() if form == _TEMPLATE else location))
    if not every:
        raise InvalidArgument(f"workflow {name} has no jobs and crawlers", "add triggers that start some")
    return name, location, every


def _write(chosen: Sequence[RolePolicy], name: str, account_id: str, form: str, out: Path) -> None:
    """Write the documents into a folder."""
    from glueprint.deploy.permissions.documents import to_cloudformation, to_files

    out.mkdir(parents=True, exist_ok=True)
    documents = to_files(chosen, account_id)
    if form == _TEMPLATE:
        documents = {f"{name}.template.json": to_cloudformation(chosen, name)}
    for file, document in documents.items():
        (out / file).write_text(json.dumps(document, indent=2) + "\n", "utf-8")
        echo(f"wrote {out / file}")


def _print(chosen: Sequence[RolePolicy], name: str, account_id: str, form: str) -> None:
    from glueprint.deploy.permissions.documents import to_cloudformation, to_json, to_text

    if form == "json":
        print_json(to_json(chosen, account_id))
    elif form == _TEMPLATE:
        echo(json.dumps(to_cloudformation(chosen, name), indent=2))
    else:
        for line in to_text(chosen):
            echo(line)


def _create_roles(policies: Sequence[Any], account_id: str, target: Target) -> None:
    """Create the roles with their trust and permissions policies; roles that exist get these policies."""
    from glueprint.deploy.permissions.statements import trust_policy

    with open_session(target) as session:
        iam = session.client("iam")
        for one in policies:
            if not one.trusts_glue:
                continue
            name, trust = one.role.rpartition("/")[2], json.dumps(trust_policy(account_id))
            try:
                iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
                done = "created"
            except iam.exceptions.EntityAlreadyExistsException:
                iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
                done = "updated"
            iam.put_role_policy(RoleName=name, PolicyName="glueprint", PolicyDocument=json.dumps(one.document()))
            echo(f"{done} role {name}: {one.title}")


def _account(account: str | None, role: str) -> str | None:
    if account is not None and not _ACCOUNT.fullmatch(account):
        raise click.UsageError(f"--account takes the 12 digits of an account, not {account}")
    found = _ROLE_ARN.fullmatch(role)
    if role.startswith("arn:") and found is None:
        raise click.UsageError(
            f"--role takes a role's name or ARN (arn:aws:iam::123456789012:role/NAME), not {role}"
        )
    return account or (found[1] if found else None)


def _account_of_jobs(jobs: Sequence[Mapping[str, Any]]) -> str | None:
    found = (_ROLE_ARN.fullmatch(str(job.get("Role", ""))) for job in jobs)
    return next((match[1] for match in found if match), None)


def _chosen(every: Sequence[Any], only: tuple[str, ...]) -> list[Any]:
    names = [one.name for one in every]
    if wrong := [name for name in only if name not in names]:
        raise click.UsageError(f"--only: there is no {', '.join(wrong)}; there are {', '.join(names)}")
    return [one for one in every if not only or one.name in only]


def _observed(runs: tuple[str, ...], target: Target, *, is_deployed: bool = False) -> dict[str, list[Any]]:
    """Return the calls of runs by job name: that of the deployed job, or the layout's, without Glue's suffix."""
    from glueprint.deploy.permissions.observed import ObservedCall

    found: dict[str, list[Any]] = {}
    with open_session(target, existing=True) as session:
        for run in runs:
            for job, ids in runs_of(session, run).items():
                recorded = [(one, call) for one in ids for call in observed_calls(session, one)]
                calls = [ObservedCall.from_wire(one, call) for one, call in recorded if "Operation" in call]
                found.setdefault(job if is_deployed else _SUFFIX.sub("", job), []).extend(calls)
                if len(calls) < len(recorded):
                    echo(f"{job} made more calls than are recorded: observe smaller runs, too", err=True)
    if not any(found.values()):
        raise InvalidArgument(
            f"no call is recorded of {', '.join(runs)}",
            "observe a run that was started by a server of this version; only calls of boto3 are recorded",
        )
    return found
