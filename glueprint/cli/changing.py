"""What ``plan``, ``apply``, ``rollback`` and ``drift`` have in common: options, the blueprint, the state."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.text import Text

from glueprint.check.subject import Subject
from glueprint.cli.arguments import json_object, pairs
from glueprint.cli.output import echo, show
from glueprint.cli.render.tables import plain_table
from glueprint.cli.repositories import is_reference, subject_of_version, with_repository
from glueprint.client.blueprint_parameters import ParametersRefused, typed_values
from glueprint.client.errors import InvalidArgument
from glueprint.client.lookup import Lookup
from glueprint.client.objects import Location
from glueprint.client.session import Session
from glueprint.deploy.change.plan import Plan
from glueprint.deploy.change.planning import open_state, plan_of_layout
from glueprint.deploy.change.requests import Account
from glueprint.deploy.change.state import StateStore
from glueprint.deploy.definitions.layout import lay_out
from glueprint.deploy.definitions.recording import RecordingAccount
from glueprint.deploy.definitions.subjects import one_subject
from glueprint.deploy.repository.settings import NO_REPOSITORY, Settings

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user wants to deploy.

    Attributes:
        blueprint: a blueprint of the catalogue, a folder, a zip, or NAME@VERSION.
        given: parameters of --param.
        file: of --params.
        workflow: whose parameters are taken.
        state: of --state.
        settings: where the repository is.
    """

    blueprint: str
    given: tuple[str, ...] = ()
    file: Path | None = None
    workflow: str | None = None
    state: str | None = None
    settings: Settings = NO_REPOSITORY

    def words(self) -> list[str]:
        """Return the words of the command line that say so."""
        options = [("--workflow", self.workflow), ("--params", self.file), ("--state", self.state)]
        named = [(option, str(value)) for option, value in options if value is not None]
        pairs = [*named, *(("--param", one) for one in self.given)]
        return [self.blueprint, *(word for pair in pairs for word in pair)]


_MEMBERS = ("blueprint", "given", "file", "workflow", "state", "settings")


def with_wanted(command: F) -> F:
    """Add the options that choose parameters and state to a command. It receives them as ``wanted``."""

    @functools.wraps(command)
    def with_options(*args: Any, **kwargs: Any) -> Any:
        wanted = Wanted(*(kwargs.pop(name) for name in _MEMBERS))
        return command(*args, wanted=wanted, **kwargs)

    wrapped: Any = with_repository(with_options)
    for option in (
        state_option,
        click.option("--workflow", metavar="NAME", help="Take the parameters that this workflow was made with."),
        click.option(
            "--params", "file", type=click.Path(path_type=Path), help='JSON file of parameters; "-": stdin.'
        ),
        click.option("--param", "given", multiple=True, metavar="NAME=VALUE", help="A parameter; repeatable."),
    ):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[no-any-return]


def state_option(command: F) -> F:
    """Add ``--state`` to a command."""
    return click.option(
        "--state",
        metavar="s3://BUCKET/PREFIX",
        envvar="GLUEPRINT_STATE",
        help="Where versions and lock are kept. By default: where they are, or the bucket of the scripts.",
    )(command)


take_over_option = click.option(
    "--take-over", is_flag=True, help="Take the lock from a command that no longer runs, on any machine."
)


def planned(session: Session, wanted: Wanted) -> Plan:
    """Run the layout and return the plan.

    Raises:
        GlueprintError: the blueprint, its parameters or the state cannot be used.
    """
    account = Account.of(session)
    subject, name = _subject(session, wanted)
    values = _values(account, subject, wanted)
    try:
        laid_out = lay_out(
            subject,
            values,
            answer=RecordingAccount(session).answer,
            region=account.region,
            account_id=account.account_id,
        )
    except ParametersRefused as error:
        rows = [
            (Text(one.place.subject), Text("; ".join(filter(None, (one.message, one.remedy)))))
            for one in error.findings
        ]
        show(plain_table(("PARAMETER", "PROBLEM"), rows), stderr=True)
        raise
    for line in laid_out.output.splitlines():
        echo(f"layout: {line}", err=True)
    store = open_state(account, laid_out.name, _location(wanted.state), laid_out.uploads)
    return plan_of_layout(account, store, laid_out, blueprint=name, parameters=values)


def state_of(
    session: Session, workflow: str, state: str | None, *, exact: bool = False
) -> tuple[Account, StateStore]:
    """Return the account, and the state of a workflow.

    Args:
        session: the Glue.
        workflow: its name or a prefix; with ``state`` its full name: it may have been deleted.
        state: of --state.
        exact: the workflow may be changed, so that a prefix is not enough.
    """
    account, lookup = Account.of(session), Lookup(session)
    find = lookup.exact_workflow if exact else lookup.workflow
    name = workflow if state is not None else find(workflow).name
    return account, open_state(account, name, _location(state))


def _location(state: str | None) -> Location | None:
    return None if state is None else Location.parse(state)


def _subject(session: Session, wanted: Wanted) -> tuple[Subject, str]:
    """Return the blueprint, and under which name the version is recorded."""
    blueprint = wanted.blueprint
    if is_reference(blueprint):
        published = subject_of_version(blueprint, wanted.settings, session)
        return published.subject, published.version
    subject = one_subject(blueprint, Path())
    return subject, subject.name


def _values(account: Account, subject: Subject, wanted: Wanted) -> dict[str, Any]:
    from_file, from_options = json_object(wanted.file), pairs(wanted.given, "--param")
    spec = json.loads(subject.config.spec.to_wire()) if subject.config is not None else {}
    recorded = _recorded_parameters(account, wanted) if wanted.workflow is not None else {}
    known = {name: value for name, value in recorded.items() if name in spec}
    return {**known, **from_file, **typed_values(from_options, spec)}


def _recorded_parameters(account: Account, wanted: Wanted) -> Mapping[str, Any]:
    """Return the parameters of a workflow's version, or of its blueprint run.

    Raises:
        InvalidArgument: they are not known.
    """
    found = Lookup(account.session).exact_workflow(wanted.workflow or "")
    try:
        current = open_state(account, found.name, _location(wanted.state)).current()
    except InvalidArgument:
        current = None
    if current is not None and current.number and current.parameters:
        return current.parameters
    details = found.wire.get("BlueprintDetails") or {}
    if details.get("BlueprintName") and details.get("RunId"):
        run = account.glue.get_blueprint_run(BlueprintName=details["BlueprintName"], RunId=details["RunId"])
        parameters: dict[str, Any] = json.loads(run["BlueprintRun"].get("Parameters") or "{}")
        return parameters
    raise InvalidArgument(f"the parameters of workflow {found.name} are not known", "give them with --params")
