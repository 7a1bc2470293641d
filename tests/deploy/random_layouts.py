"""Random layouts, and what is left of them in an account."""

from __future__ import annotations

from typing import Any

from harness.account_in_process import AccountInProcess
from hypothesis import strategies as st

from glueprint.blueprint.layout_library.crawler import Crawler
from glueprint.blueprint.layout_library.job import Job
from glueprint.blueprint.layout_library.workflow import Entities, Workflow
from glueprint.blueprint.layout_result import LayoutResult, requests_of
from glueprint.client.objects import Location
from glueprint.deploy.change.applying import Applied, apply
from glueprint.deploy.change.plan import Plan
from glueprint.deploy.change.planning import open_state, plan_of_layout
from glueprint.deploy.change.requests import Account
from glueprint.deploy.definitions.comparison import comparable, is_service_tag
from glueprint.deploy.definitions.layout import LAYOUT_SUFFIX, LaidOut, logical_definition
from glueprint.deploy.definitions.model import Key, Kind, UploadedObject
from glueprint.deploy.definitions.reading import read_nodes, read_workflow, with_tags

ROLE = "arn:aws:iam::123456789012:role/glue"
STATE = Location("scripts", "states")
NAMES = ("a", "b", "c", "d")


def laid_out(nodes: list[dict[str, Any]], uploads: dict[str, bytes] | None = None, **workflow: Any) -> LaidOut:
    """Return what a layout makes: each node has kind, name, members, and the names that it waits for."""
    made: dict[str, Any] = {}
    for node in nodes:
        members = dict(node["members"])
        if node["after"]:
            members["DependsOn"] = {made[one]: "SUCCEEDED" for one in node["after"]}
            members["WaitForDependencies"] = "AND"
        made[node["name"]] = (Job if node["kind"] == "job" else Crawler)(Name=node["name"], Role=ROLE, **members)
    jobs = [one for one in made.values() if isinstance(one, Job)]
    crawlers = [one for one in made.values() if isinstance(one, Crawler)]
    entities = Entities(Jobs=jobs, Crawlers=crawlers)
    written = Workflow(Name="w", Entities=entities, **workflow).to_json(LAYOUT_SUFFIX)
    requests, warnings = requests_of(written)
    objects = tuple(UploadedObject("scripts", key, content) for key, content in (uploads or {}).items())
    return LaidOut(logical_definition(LayoutResult(requests, warnings, "")), objects)


@st.composite
def layouts(draw: st.DrawFn) -> LaidOut:
    """Workflows of one to four nodes: any order of waiting, some definitions, with and without a schedule."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    nodes: list[dict[str, Any]] = []
    for name in names:
        # A trigger starts at most two crawlers (docs/facts/triggers.md).
        kind = "crawler" if name in "ab" and draw(st.booleans()) else "job"
        members = draw(_JOBS if kind == "job" else _CRAWLERS)
        known = [one["name"] for one in nodes]
        after = draw(st.lists(st.sampled_from(known), max_size=2, unique=True)) if known else []
        nodes.append({"kind": kind, "name": name, "members": members, "after": after})
    scripts = draw(st.dictionaries(st.sampled_from(["a.py", "b.py"]), st.sampled_from([b"1", b"2"]), max_size=2))
    return laid_out(nodes, scripts, **draw(_WORKFLOWS))


_TAGS = st.sampled_from([{"team": "x"}, {"team": "y", "cost": "1"}])
_JOBS = st.fixed_dictionaries(
    {
        "Command": st.sampled_from(
            [
                {"Name": "pythonshell", "PythonVersion": "3.9", "ScriptLocation": "s3://scripts/a.py"},
                {"Name": "glueetl", "PythonVersion": "3", "ScriptLocation": "s3://scripts/b.py"},
            ]
        )
    },
    optional={
        "Timeout": st.sampled_from([10, 20]),
        "DefaultArguments": st.sampled_from([{"--x": "1"}, {"--x": "2", "--y": "3"}]),
        "Tags": _TAGS,
        "description": st.just("text"),
    },
)
_CRAWLERS = st.fixed_dictionaries(
    {"Targets": st.sampled_from([{"S3Targets": [{"Path": f"s3://scripts/{one}/"}]} for one in "xy"])},
    optional={
        "TablePrefix": st.sampled_from(["p_", "q_"]),
        "DatabaseName": st.sampled_from(["db", "other"]),
        "SchemaChangePolicy": st.just({"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"}),
        "Schedule": st.just("cron(0 5 * * ? *)"),
        "Tags": _TAGS,
    },
)
_WORKFLOWS = st.fixed_dictionaries(
    {},
    optional={
        "Description": st.just("text"),
        "DefaultRunProperties": st.sampled_from([{"p": "1"}, {"p": "2", "q": "3"}]),
        "OnSchedule": st.sampled_from(["cron(0 4 * * ? *)", "cron(0 6 * * ? *)"]),
        "Tags": _TAGS,
    },
)


def planned(session: AccountInProcess, layout: LaidOut) -> Plan:
    """Return the plan for a layout."""
    account = Account.of(session)
    store = open_state(account, "w", STATE)
    return plan_of_layout(account, store, layout, blueprint="random", parameters={})


def applied(session: AccountInProcess, layout: LaidOut, *, take_over: bool = False) -> Applied:
    """Plan and apply a layout."""
    return apply(Account.of(session), planned(session, layout), take_over=take_over)


def snapshot(session: AccountInProcess, scripts: LaidOut | None = None) -> dict[str, Any]:
    """Return everything in the account that an apply may make, in comparable form.

    Args:
        session: the account.
        scripts: a layout whose scripts are compared; those of other layouts remain in the bucket.
    """
    glue = session.glue
    pages = glue.get_paginator("list_jobs").paginate()
    keys = [Key(Kind.JOB, name) for page in pages for name in page["JobNames"]]
    pages = glue.get_paginator("get_crawlers").paginate()
    keys += [Key(Kind.CRAWLER, one["Name"]) for page in pages for one in page["Crawlers"]]
    found = with_tags(glue, read_nodes(glue, keys), "123456789012")
    workflow = read_workflow(glue, "w", account_id="123456789012")
    found += [one for one in workflow or () if one.kind in (Kind.WORKFLOW, Kind.TRIGGER)]
    triggers = [one["Name"] for page in glue.get_paginator("get_triggers").paginate() for one in page["Triggers"]]
    wanted = {one.key for one in scripts.uploads} if scripts is not None else set()
    own = {one.key: {tag: text for tag, text in one.tags.items() if not is_service_tag(tag)} for one in found}
    return {
        **{str(one.key): (comparable(one), own[one.key]) for one in found},
        "triggers": sorted(triggers),
        "scripts": {key: session.s3.buckets["scripts"].get(key) for key in sorted(wanted)},
    }
