"""The text of ``layout.py``: a function that describes the workflow with Amazon's layout classes."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Mapping, Sequence

from glueprint.deploy.definitions.comparison import is_service_tag
from glueprint.deploy.definitions.model import Definition, Key, Kind
from glueprint.deploy.importing.collected import Collected
from glueprint.deploy.importing.gaps import KEYWORDS, member_gaps
from glueprint.deploy.importing.graph import LayoutGraph
from glueprint.deploy.importing.names import variable_names
from glueprint.deploy.importing.parameters import FoundParameter
from glueprint.deploy.importing.source_text import SourceText, enclosed, variables

_CLASSES = {Kind.JOB: "Job", Kind.CRAWLER: "Crawler"}
_RESERVED = frozenset(
    {
        *keyword.kwlist,
        *dir(builtins),
        *(
            "boto3",
            "user_params",
            "system_params",
            "account_id",
            "region",
            "s3",
            "file",
            "script",
            "key",
            "bucket",
        ),
        *("generate_layout", "upload_scripts"),
    }
)


def layout_text(
    collected: Collected,
    name: str,
    graph: LayoutGraph,
    logical: Mapping[Key, str],
    parameters: Sequence[FoundParameter],
    scripts: Mapping[str, str],
) -> str:
    """Return the layout.

    Args:
        collected: the workflow.
        name: of the blueprint, which is the folder in its zip.
        graph: what waits for what.
        logical: names of jobs and crawlers.
        parameters: of the blueprint.
        scripts: the file below ``scripts/`` of each script, by its location.
    """
    known = variables(parameters, collected.account_id, collected.region)
    source = SourceText(known)
    reserved = _RESERVED | {one.variable for one in parameters}
    names = variable_names(logical, collected.name, reserved)
    body = [_node(one, logical[one.key], names[one.key], source) for one in collected.definition.nodes]
    body += _dependencies(graph, names)
    body.append(_workflow(collected, graph, names, source))
    uploads = _uploads(collected, name, scripts, source)
    lines = [f"    {one.variable} = user_params[{source_key(one.name)}]" for one in parameters]
    lines += [f'    {code} = system_params["{key}"]' for code, key in _SYSTEM if code in source.used]
    return "\n".join(
        [
            f'"""Makes the workflow {_plain(collected.name)}. Written by `glueprint import`; yours to change."""',
            "",
            *(["import boto3"] if uploads else []),
            *(["from awsglue.blueprint.crawler import Crawler"] if collected.definition.crawlers else []),
            *(["from awsglue.blueprint.job import Job"] if collected.definition.jobs else []),
            "from awsglue.blueprint.workflow import Entities, Workflow",
            "",
            "",
            "def generate_layout(user_params, system_params):",
            *lines,
            *uploads,
            *body,
            "",
        ]
    )


_SYSTEM = (("account_id", "accountId"), ("region", "region"))


def source_key(name: str) -> str:
    """Return a parameter's name as a literal."""
    return f'"{name}"'


def _plain(text: str) -> str:
    return text.replace("\\", "").replace('"', "")


def _uploads(collected: Collected, name: str, scripts: Mapping[str, str], source: SourceText) -> list[str]:
    if not collected.scripts:
        return []
    lines = ['    s3 = boto3.client("s3", region_name=system_params["region"])', "    for file, bucket, key in ("]
    for one in collected.scripts:
        file = source_literal(f"{name}/scripts/{scripts[one.location]}")
        parts = [file, source.text(one.bucket), source_literal(one.key)]
        lines.append(f"        {enclosed('(', parts, ')', 8)},")
    return [
        *lines,
        "    ):",
        '        with open(file, "rb") as script:',
        "            s3.put_object(Bucket=bucket, Key=key, Body=script.read())",
    ]


def source_literal(text: str) -> str:
    """Return a text as a literal, without parameters."""
    return SourceText(()).text(text)


def _node(one: Definition, name: str, variable: str, source: SourceText) -> str:
    lines = [f"    {variable} = {_CLASSES[one.kind]}(", f"        Name={source.text(name)},"]
    left_out = {gap.member for gap in member_gaps(one)}
    for member, value in one.members.items():
        if member in left_out or not value or (member == "JobMode" and value == "SCRIPT"):
            continue
        word = KEYWORDS.get((one.kind, member), member)
        lines.append(f"        {word}={source.value(value, 8, member)},")
    tags = {tag: value for tag, value in one.tags.items() if not is_service_tag(tag)}
    if tags:
        lines.append(f"        Tags={source.value(tags, 8)},")
    return "\n".join([*lines, "    )"])


def _dependencies(graph: LayoutGraph, names: Mapping[Key, str]) -> list[str]:
    """Return the lines that set DependsOn: after all nodes, since they may wait for one another."""
    lines = []
    for key, waiting in graph.waiting.items():
        states = ", ".join(f'{names[node]}: "{state}"' for node, state in waiting.states.items())
        lines.append(f"    {names[key]}.DependsOn = {{{states}}}")
        if waiting.logical:
            lines.append(f'    {names[key]}.WaitForDependencies = "{waiting.logical}"')
    return lines


def _workflow(collected: Collected, graph: LayoutGraph, names: Mapping[Key, str], source: SourceText) -> str:
    workflow = collected.definition.workflow
    lines = ["    return Workflow(", f"        Name={source.text(workflow.name)},"]
    left_out = {gap.member for gap in member_gaps(workflow)}
    for member, value in workflow.members.items():
        if member not in left_out and value:
            lines.append(f"        {member}={source.value(value, 8, member)},")
    tags = {tag: value for tag, value in workflow.tags.items() if not is_service_tag(tag)}
    if tags:
        lines.append(f"        Tags={source.value(tags, 8)},")
    if graph.schedule:
        lines.append("        OnSchedule=schedule or None,")
    groups = [
        ("Jobs", [names[one.key] for one in collected.definition.jobs]),
        ("Crawlers", [names[one.key] for one in collected.definition.crawlers]),
    ]
    entities = [f"{group}={enclosed('[', found, ']', 12)}" for group, found in groups]
    return "\n".join([*lines, f"        Entities={enclosed('Entities(', entities, ')', 8)},", "    )"])
