"""Creating a workflow from a blueprint: the form, a preview that creates nothing, the blueprint run."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from glueprint.blueprint.spec import SpecErrors
from glueprint.client.blueprint_failures import FailedBlueprintRun, advice
from glueprint.client.blueprint_parameters import ParametersRefused, check_values
from glueprint.client.blueprints import BlueprintView, LayoutLog, blueprint_run, layout_log
from glueprint.client.errors import InvalidArgument, NotFound, error_code, is_not_found
from glueprint.client.objects import Location, buckets
from glueprint.client.parameter_form import ParameterForm
from glueprint.console.blueprint_form import errors_by_field, fields, fields_of_message, submitted_values
from glueprint.console.blueprint_zips import subject_of
from glueprint.console.graph_picture import draw
from glueprint.console.pages.blueprints import existing_workflows, find_blueprint
from glueprint.console.text import badge, shortened
from glueprint.console.visits import Family, Visit
from glueprint.deploy.definitions.layout import LaidOut, LayoutFailed, lay_out
from glueprint.deploy.definitions.recording import RecordingAccount
from glueprint.workflow.model import Graph
from glueprint.workflow.wire import trigger_from_wire

_NAMING_PARAMETER = "WorkflowName"


def form(visit: Visit) -> Response:
    """Show the form of a blueprint; ``from`` takes the values of an earlier run."""
    view = find_blueprint(visit, visit.required("blueprint"))
    given: dict[str, Any] = {}
    if earlier := visit.query("from"):
        run = blueprint_run(visit.glue, view.name, earlier)
        given = json.loads(run.wire.get("Parameters") or "{}")
    return _page(visit, view, _form(view, given))


def preview(visit: Visit) -> Response:
    """Check the form, and show what would be created. Nothing is created."""
    view = find_blueprint(visit, visit.field("blueprint"))
    shown = _form(view, {})
    values = submitted_values(shown, visit.fields)
    problems = _problems(view, values)
    if problems is not None:
        return _page(visit, view, shown, problems=problems)
    if not visit.session.is_aws or visit.field("role"):
        try:
            laid_out = _laid_out(visit, view, values)
        except LayoutFailed as error:
            return _page(visit, view, shown, problems=_of_layout(error, shown))
        except ParametersRefused as error:
            return _page(visit, view, shown, problems=errors_by_field(error.findings, shown.names))
        return _page(visit, view, shown, laid_out=laid_out, problems=_conflicts(visit, laid_out, values))
    return _page(visit, view, shown, problems=({}, ["Name the role that creates the resources."]))


def create(visit: Visit) -> Response:
    """Start a blueprint run with the form's values."""
    view = find_blueprint(visit, visit.field("blueprint"))
    shown = _form(view, {})
    values = submitted_values(shown, visit.fields)
    problems = _problems(view, values)
    role = visit.field("role").strip() or visit.console.role
    if problems is None and role is None:
        problems = ({}, ["Name the role that creates the resources."])
    if problems is not None:
        return _page(visit, view, shown, problems=problems)
    answer = visit.glue.start_blueprint_run(BlueprintName=view.name, Parameters=json.dumps(values), RoleArn=role)
    return visit.redirect("/blueprint-run", blueprint=view.name, id=answer["RunId"])


Problems = tuple[Mapping[str, list[str]], list[str]]
"""Problems by parameter, and those that are not about one."""


def _form(view: BlueprintView, given: Mapping[str, Any]) -> ParameterForm:
    if view.run_parameters is None:
        raise InvalidArgument(
            f"blueprint {view.name} is {view.status}, so it has no parameters yet",
            view.error or "wait, or update it",
        )
    try:
        return ParameterForm(view.run_parameters, given)
    except SpecErrors as error:
        raise InvalidArgument(f"the parameters of {view.name} cannot be read: {error}") from error


def _problems(view: BlueprintView, values: Mapping[str, Any]) -> Problems | None:
    try:
        check_values(view.name, view.run_parameters, values)
    except ParametersRefused as error:
        return errors_by_field(error.findings, view.run_parameters or ())
    return None


def _of_layout(error: LayoutFailed, form_: ParameterForm) -> Problems:
    """Return a layout's own error, also at the fields that it names."""
    named = fields_of_message(error.message, form_.names)
    text = error.message + (f" ({error.remedy})" if error.remedy else "")
    return {name: [text] for name in named}, [text]


def _conflicts(visit: Visit, laid_out: LaidOut, values: Mapping[str, Any]) -> Problems | None:
    """Return why the blueprint run would fail: the workflow exists, or a bucket for its files does not.

    Each is shown at the fields that have this value, or else above the form.
    """
    found = []
    if existing_workflows(visit, [laid_out.name]):
        text = f"there is a workflow {laid_out.name} already: choose another name, or delete it first"
        found.append((laid_out.name, text))
    s3 = visit.session.client("s3")
    used = sorted({Location.parse(one.location).bucket for one in laid_out.uploads})
    found += [
        (bucket, f"there is no bucket {bucket} for the scripts: create it first, in S3")
        for bucket in used
        if not _bucket_exists(s3, bucket)
    ]
    of_field: dict[str, list[str]] = {}
    others = []
    for value, text in found:
        names = [name for name, one in values.items() if one == value]
        for name in names:
            of_field.setdefault(name, []).append(text)
        if not names:
            others.append(text)
    return (of_field, others) if found else None


def _bucket_exists(s3: Any, bucket: str) -> bool:
    try:
        s3.head_bucket(Bucket=bucket)
    except s3.exceptions.ClientError as error:
        return error_code(error) not in ("404", "NoSuchBucket")  # one that is forbidden exists
    return True


def _laid_out(visit: Visit, view: BlueprintView, values: Mapping[str, Any]) -> LaidOut:
    subject = subject_of(visit.session.client("s3"), view.wire["BlueprintLocation"])
    region = visit.glue.meta.region_name
    account = visit.session.endpoint.account_id if visit.session.endpoint is not None else "123456789012"
    return lay_out(
        subject, values, answer=RecordingAccount(visit.session).answer, region=region, account_id=account
    )


def _page(
    visit: Visit,
    view: BlueprintView,
    shown: ParameterForm,
    *,
    problems: Problems | None = None,
    laid_out: LaidOut | None = None,
) -> Response:
    was_submitted = visit.request.method == "POST"
    of_field, others = problems or ({}, [])
    texts = visit.fields if was_submitted else None
    if problems is not None:
        laid_out = None
    picture = None if laid_out is None else draw(_graph(laid_out))
    return visit.page(
        "creation.html",
        status=422 if problems is not None else 200,
        blueprint=view,
        fields=fields(shown, texts, of_field),
        problems=others,
        wrong=len(of_field),
        laid_out=laid_out,
        picture=picture,
        warnings=Counter(one.message for one in laid_out.warnings).items() if laid_out is not None else (),
        role=visit.field("role") if was_submitted else (visit.console.role or ""),
        needs_role=visit.console.role is None,
        buckets=_buckets(visit),
    )


def _buckets(visit: Visit) -> list[str]:
    """Return the names of the buckets, as suggestions; none if the user may not list them."""
    try:
        return [name for name, _ in buckets(visit.session.client("s3"))]
    except visit.glue.exceptions.ClientError:
        return []


def _graph(laid_out: LaidOut) -> Graph:
    triggers = []
    for one in laid_out.definition.triggers:
        shape = one.request()
        state = "ACTIVATED" if shape.pop("StartOnCreation", False) else "CREATED"
        triggers.append(trigger_from_wire({**shape, "State": state}))
    return Graph(tuple(triggers))


def run(visit: Visit) -> Response:
    """Show a blueprint run, live."""
    name, run_id = visit.required("blueprint"), visit.required("id")
    try:
        found = blueprint_run(visit.glue, name, run_id)
    except visit.glue.exceptions.ClientError as error:
        if not is_not_found(error):
            raise
        raise NotFound(f"blueprint {name} has no run {run_id}") from error
    values = json.loads(found.wire.get("Parameters") or "{}")
    log = LayoutLog() if visit.session.is_aws else layout_log(visit.session.client("logs"), run_id)
    help_: list[str] = []
    if found.state == "FAILED" and found.error:
        failed = FailedBlueprintRun(
            shortened(found.error), name, found.wire.get("RoleArn", ""), values.get(_NAMING_PARAMETER), values
        )
        help_ = advice(failed)
    is_there = found.is_final and found.workflow in existing_workflows(visit, [found.workflow])
    return visit.page(
        "blueprint_run.html",
        live=not found.is_final,
        is_there=is_there,
        run=found,
        blueprint=name,
        badge_=badge(found.state),
        values=sorted(values.items()),
        log=log,
        advice=help_,
    )


FAMILY = Family(
    pages=(("/blueprint/create", form), ("/blueprint-run", run)),
    forms=(("/blueprint/create", create),),
    trials=(("/blueprint/preview", preview),),
)
