"""Probes of blueprints: layouts are free. A layout reports what it sees as run properties of its workflow."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from glueprint.deploy.conformance.lab import Lab
from glueprint.deploy.conformance.probe import Probe, rows

HEAD = """
from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Entities, Workflow


def generate_layout(user_params, system_params):
"""
JOB = """
    command = {"Name": "pythonshell", "ScriptLocation": user_params["Script"], "PythonVersion": "3.9"}
    name = user_params["WorkflowName"] + "-job"
    job = Job(Name=name, Role=user_params["Role"], Command=command, MaxCapacity=0.0625)
"""
PLAIN = f'{HEAD}{JOB}    return Workflow(Name=user_params["WorkflowName"], Entities=Entities(Jobs=[job]))\n'
SEEN = (
    HEAD
    + JOB
    + """
    import os, sys, time
    seen = {
        "python": "%d.%d" % sys.version_info[:2],
        "timezone": time.tzname[0],
        "cwd is /tmp": os.path.realpath(os.getcwd()) == os.path.realpath("/tmp"),
        "folder of the zip below cwd": os.path.isdir("environment"),
        "cwd on sys.path": os.getcwd() in [os.path.realpath(one or ".") for one in sys.path],
        "HOME is a directory": os.path.isdir(os.path.expanduser("~")),
    }
    try:
        from environment import helper
        seen["modules of the zip"] = helper.VALUE
    except Exception as error:
        seen["modules of the zip"] = type(error).__name__
    import importlib.util
    for module in ("boto3", "numpy", "pandas", "pyarrow", "pyspark"):
        try:
            seen[module] = importlib.util.find_spec(module) is not None
        except ImportError:
            seen[module] = False
    return Workflow(
        Name=user_params["WorkflowName"],
        DefaultRunProperties={name: str(value) for name, value in seen.items()},
        Entities=Entities(Jobs=[job]),
    )
"""
)
VALUES = f"""{HEAD}{JOB}
    job.DefaultArguments = {{"--true": True, "--half": 0.5, "--list": [1, "a"], "--text": "t"}}
    return Workflow(Name=user_params["WorkflowName"], Entities=Entities(Jobs=[job]))
"""
SPEC = {name: {"type": "String"} for name in ("WorkflowName", "Role", "Script")}
TYPED = {
    **SPEC,
    "Count": {"type": "Integer", "defaultValue": 1},
    "Share": {"type": "Double", "defaultValue": 0.5},
    "Size": {"type": "String", "allowedValues": ["S", "M"], "defaultValue": "S"},
}


def _parameters(lab: Lab) -> Mapping[str, str]:
    blueprint, status = lab.blueprint("parameters", PLAIN, TYPED)
    answers = {"registration": status}
    for what, wrong in (
        ("a parameter that is not declared", {"Colour": "red"}),
        ("null", {"Size": None}),
        ("a number as text", {"Count": "5"}),
        ("a whole number for Double", {"Share": 1}),
        ("a fraction for Integer", {"Count": 1.5}),
        ("a value that allowedValues does not have", {"Size": "L"}),
        ("two wrong values", {"Count": "5", "Size": "L"}),
    ):
        given = {**_own(lab, lab.name("made")), **wrong}
        answers[what] = _run(lab, blueprint, given)
    answers["a missing parameter"] = _run(lab, blueprint, {})
    return answers


def _own(lab: Lab, workflow: str) -> dict[str, Any]:
    """Return the parameters that every blueprint of these probes has."""
    return {"WorkflowName": workflow, "Role": lab.role, "Script": lab.put("scripts/layout.py", "pass")}


def _run(lab: Lab, blueprint: str, given: Mapping[str, Any]) -> str:
    found: dict[str, Any] = {}
    answer = lab.attempt(lambda: found.update(lab.blueprint_run(blueprint, given)), message=False)
    if answer != "accepted":
        return f"refused by StartBlueprintRun: {answer}"
    return str(found["State"])


def _declarations(lab: Lab) -> Mapping[str, str]:
    outside = {**SPEC, "Size": {"type": "String", "allowedValues": ["S"], "defaultValue": "L"}}
    unknown = {**SPEC, "Size": {"type": "String", "default": "S", "defaultValue": "S"}}
    answers = {
        "a default that allowedValues does not have": lab.blueprint("outside", PLAIN, outside)[1],
        "a member that is not documented": lab.blueprint("unknown", PLAIN, unknown)[1],
    }
    config = json.dumps({"layoutGenerator": "twice.layout.generate_layout", "parameterSpec": SPEC})
    twice = {"twice/blueprint.cfg": config, "twice/layout.py": PLAIN, "blueprint.cfg": config}
    answers["blueprint.cfg at the root and in the folder"] = lab.registered(lab.name("twice"), "twice", twice)
    return {name: text.partition(":")[0] for name, text in answers.items()}


def _environment(lab: Lab) -> Mapping[str, Any]:
    blueprint, _ = lab.blueprint("environment", SEEN, SPEC, **{"environment/helper.py": "VALUE = 'importable'\n"})
    workflow = lab.name("seen")
    run = lab.blueprint_run(blueprint, _own(lab, workflow))
    if run["State"] != "SUCCEEDED":
        return {"ErrorMessage": run.get("ErrorMessage", "")}
    found: dict[str, Any] = lab.glue.get_workflow(Name=workflow)["Workflow"].get("DefaultRunProperties", {})
    return found


def _errors(lab: Lab) -> Mapping[str, str]:
    answers = {}
    for what, statement in (
        ("sys.exit(3)", "__import__('sys').exit(3)"),
        ("an exception", "raise ValueError('the layout refuses')"),
        ("no workflow", "return None"),
    ):
        blueprint, _ = lab.blueprint("error", f"{HEAD}    {statement}\n", SPEC)
        run = lab.blueprint_run(blueprint, _own(lab, lab.name("never")))
        answers[what] = f"{run['State']}: {run.get('ErrorMessage', '')}".partition("\n")[0]
    return answers


def _values(lab: Lab) -> Mapping[str, Any]:
    blueprint, _ = lab.blueprint("values", VALUES, SPEC)
    workflow = lab.name("valued")
    run = lab.blueprint_run(blueprint, _own(lab, workflow))
    if run["State"] != "SUCCEEDED":
        return {"ErrorMessage": run.get("ErrorMessage", "")}
    names = [one for one in lab.glue.list_jobs()["JobNames"] if one.startswith(f"{workflow}-job")]
    job = lab.glue.get_job(JobName=names[0])["Job"]
    suffix = names[0].removeprefix(f"{workflow}-job")
    return {
        "DefaultArguments": job["DefaultArguments"],
        "form of the suffix": re.sub(r"[a-z0-9]", "x", suffix),
        "triggers": [
            one.replace(suffix, "_SUFFIX") for one in lab.glue.list_triggers()["TriggerNames"] if workflow in one
        ],
    }


PROBES = (
    Probe(
        "blueprint-parameters",
        "Which wrong parameters does StartBlueprintRun refuse, and which reach the layout?",
        "runs a blueprint with one wrong value at a time",
        rows(
            "blueprint",
            "Which wrong parameters StartBlueprintRun refuses",
            "Unknown parameters",
            "A parameter given as `null`",
            'Number given as a string (`"5"` for Integer)',
            "Whole number for Double",
            "`allowedValues`",
        ),
        _parameters,
    ),
    Probe(
        "blueprint-declarations",
        "Which doubtful blueprint.cfg files are registered?",
        "registers three blueprints",
        rows(
            "blueprint",
            "`defaultValue` outside `allowedValues`, unknown members of `blueprint.cfg`",
            "`blueprint.cfg` both at the root and in the folder",
        ),
        _declarations,
    ),
    Probe(
        "blueprint-environment",
        "In which Python, directory and time zone do layouts run, and what can they import?",
        "a layout reports what it sees as run properties of its workflow",
        rows(
            "blueprint",
            "Python of a layout",
            "Working directory, `sys.path[0]`",
            "Time zone, home",
            "Modules of the zip beside the layout",
            "What a layout can import",
        ),
        _environment,
    ),
    Probe(
        "blueprint-errors",
        "Which ErrorMessage has a run whose layout exits, raises or returns nothing?",
        "runs three layouts",
        rows("blueprint", "`sys.exit` in a layout", "Error text of a layout"),
        _errors,
    ),
    Probe(
        "blueprint-values",
        "How do job arguments that are not text arrive, and which suffix do names get?",
        "a layout makes a job with a Boolean, a number and a list as arguments",
        rows("blueprint", "Job arguments that are not strings"),
        _values,
    ),
)
