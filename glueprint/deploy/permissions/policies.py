"""All policies of one blueprint: from its layout's result, its scripts, and calls that runs made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from glueprint.check.layout_run import LayoutRun
from glueprint.check.scripts import Script, find_scripts
from glueprint.check.subject import Subject
from glueprint.client.observed_calls import LAYOUT
from glueprint.deploy.permissions.blueprint_role import blueprint_grants
from glueprint.deploy.permissions.job_roles import (
    JobScript,
    ScriptGrants,
    Surroundings,
    job_arguments,
    shown_name,
    startup_grants,
)
from glueprint.deploy.permissions.observed import ObservedCall, missing_grants, with_use
from glueprint.deploy.permissions.personas import administrator_grants, analyst_grants, developer_grants
from glueprint.deploy.permissions.places import Folder, folders_of
from glueprint.deploy.permissions.statements import Grant, RolePolicy, grant, joined
from glueprint.iam.arns import Location
from glueprint.iam.crawler_actions import crawl_requests


@dataclass(frozen=True)
class Settings:
    """Whose policies are written.

    Attributes:
        blueprint: its name.
        blueprint_role: of the blueprint run: name or ARN.
        published: where the organisation keeps its blueprints.
        observed: calls that runs made, by job name (without its suffix); of layouts by the empty name.
    """

    blueprint: str
    blueprint_role: str
    published: Folder
    observed: Mapping[str, Sequence[ObservedCall]] = field(default_factory=dict)


@dataclass(frozen=True)
class Nodes:
    """The jobs and crawlers of a workflow whose roles get policies: CreateJob and CreateCrawler requests.

    Attributes:
        scripts: by job name.
        missing: why a job's script is not known, by job name.
    """

    workflow: str
    jobs: Sequence[Mapping[str, Any]]
    crawlers: Sequence[Mapping[str, Any]]
    scripts: Mapping[str, JobScript]
    missing: Mapping[str, str] = field(default_factory=dict)


def policies(subject: Subject, run: LayoutRun, settings: Settings, location: Location) -> list[RolePolicy]:
    """Return the policies of personas, of the blueprint run, and of each role of jobs and crawlers."""
    requests = run.result.requests
    layout = subject.place(subject.config.layout_file).path if subject.config is not None else "layout"
    own = joined(blueprint_grants(requests, run.account.calls, location, layout))
    blueprint = RolePolicy(
        "BlueprintRun",
        f"the role of the blueprint run ({settings.blueprint_role.rpartition('/')[2]})",
        own,
        trusts_glue=True,
        role=location.role(settings.blueprint_role),
    )
    personas = (
        (
            "Administrator",
            "administrators",
            administrator_grants(settings.blueprint, settings.published, location),
        ),
        (
            "Developer",
            "developers, who need the other two to register and test",
            developer_grants(settings.blueprint, settings.published, location),
        ),
        (
            "Analyst",
            "data analysts",
            analyst_grants(settings.blueprint, requests, settings.blueprint_role, location),
        ),
    )
    found = [RolePolicy(name, title, joined(grants)) for name, title, grants in personas]
    found.append(_with_observed(blueprint, settings.observed, [LAYOUT]))
    return [*found, *role_policies(_nodes(subject, run), settings.observed, location)]


def _nodes(subject: Subject, run: LayoutRun) -> Nodes:
    requests = run.result.requests
    scripts, _ = find_scripts(subject, run)
    texts = {str(job["Name"]): _job_script(subject, one) for one in scripts for job in one.jobs}
    return Nodes(str(requests.workflow["Name"]), requests.jobs, requests.crawlers, texts)


def role_policies(
    nodes: Nodes, observed: Mapping[str, Sequence[ObservedCall]], location: Location
) -> Iterator[RolePolicy]:
    """Yield the policy of each role of jobs and crawlers."""
    around = _surroundings(nodes.workflow, nodes.jobs, location)
    grants: dict[str, list[Grant]] = {}
    notes: dict[str, list[str]] = {}
    users: dict[str, list[str]] = {}
    for job in nodes.jobs:
        role = str(job["Role"])
        grants.setdefault(role, []).extend(startup_grants(job, location))
        users.setdefault(role, []).append(shown_name(job))
        script = nodes.scripts.get(job["Name"])
        if script is None:
            reason = nodes.missing.get(job["Name"], "its script is not in the zip")
            text = f"job {shown_name(job)}: {reason}; only what starts it is allowed"
            notes.setdefault(role, []).append(text)
            continue
        of_script = ScriptGrants(job, script, around)
        grants[role] += of_script.grants()
        notes.setdefault(role, []).extend(of_script.notes)
    for crawler in nodes.crawlers:
        role = str(crawler["Role"])
        grants.setdefault(role, []).extend(_crawler_grants(crawler, location))
        users.setdefault(role, []).append(shown_name(crawler))
    for number, (role, needed) in enumerate(sorted(grants.items()), 1):
        name = "Jobs" if len(grants) == 1 else f"Jobs{number}"
        title = f"the role {role.rpartition('/')[2]} of {', '.join(users[role])}"
        notices = tuple(dict.fromkeys(notes.get(role, ())))
        policy = RolePolicy(name, title, joined(needed), trusts_glue=True, role=location.role(role), notes=notices)
        yield _with_observed(policy, observed, users[role])


def _with_observed(
    policy: RolePolicy, observed: Mapping[str, Sequence[ObservedCall]], names: Sequence[str]
) -> RolePolicy:
    """Add what runs needed in addition, and mark what they did not need."""
    calls = [call for name in names for call in observed.get(name, ())]
    if not calls:
        return policy
    # Glue itself creates what a layout describes: that is not among the layout's calls.
    marked = policy.statements if list(names) == [LAYOUT] else with_use(policy.statements, calls)
    added = joined(missing_grants(policy, calls))
    renamed = tuple(replace(one, sid=f"Observed{one.sid}", is_unused=False) for one in added)
    return replace(policy, statements=(*marked, *renamed))


def _job_script(subject: Subject, script: Script) -> JobScript:
    def where(line: int) -> str:
        place = subject.place(script.file, line)
        return f"{place.path}:{place.line}" if place.line else place.path

    return JobScript(script.text, where)


def _surroundings(workflow: str, jobs: Iterable[Mapping[str, Any]], location: Location) -> Surroundings:
    every = [job_arguments(job) for job in jobs]
    folders = {one for arguments in every for found in folders_of(arguments).values() for one in found}
    buckets = {one.bucket for one in folders}
    return Surroundings(location, workflow, tuple(sorted(folders)), tuple(sorted(buckets)))


def _crawler_grants(crawler: Mapping[str, Any], location: Location) -> Iterator[Grant]:
    label = f"crawler {shown_name(crawler)}"
    for one in crawl_requests(crawler, location):
        prefix = one.context.get("s3:prefix", ("",))[0]
        condition = {"StringLike": {"s3:prefix": f"{prefix}*"}} if prefix else None
        what = "reads its targets" if one.action.startswith("s3:") else "writes the tables that it finds"
        yield grant(one.action, one.resource, f"{label}: {what}", condition)
    database = crawler.get("DatabaseName")
    prefix = crawler.get("TablePrefix") or ""
    for action in (
        "GetDatabase",
        "GetPartitions",
        "BatchGetPartition",
        "BatchCreatePartition",
        "BatchUpdatePartition",
    ):
        resources = ["catalog", f"database/{database}"]
        if action != "GetDatabase":
            resources.append(f"table/{database}/{prefix}*")
        for resource in resources:
            yield grant(f"glue:{action}", location.glue(resource), f"{label}: writes the tables that it finds")
    arn = f"arn:{location.partition}:logs:{location.region}:{location.account_id}:log-group:/aws-glue/crawlers*"
    for action in ("CreateLogGroup", "CreateLogStream", "PutLogEvents"):
        yield grant(f"logs:{action}", arn, f"{label}: its log")
