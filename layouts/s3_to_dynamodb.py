"""The workflow of ``s3_to_dynamodb``: look for files, load them into a table of DynamoDB, report."""

from typing import Any, Dict, Mapping

from awsglue.blueprint.job import Job
from awsglue.blueprint.workflow import Workflow

from layouts.common.common_parameters import COMMON_CHECKS, CommonSettings, common_settings
from layouts.common.locations import normal_folder
from layouts.common.parameters import check_parameters, is_folder, is_number, matches
from layouts.common.source_parameters import SOURCE_CHECKS, bad_records_problems, source_arguments
from layouts.common.staging import prepare
from layouts.common.steps import catalogue_workflow, shell_job, spark_job

BLUEPRINT = "s3_to_dynamodb"
SCRIPTS = ("look.py", "load.py", "report.py")
LOOK_MINUTES = 60
LOAD_MINUTES = 1440
REPORT_MINUTES = 15

CHECKS = (
    *COMMON_CHECKS,
    is_folder("Location"),
    matches("TableName", r"[A-Za-z0-9_.-]{3,255}", "be the name of a table: 3 to 255 letters, digits and _ . -"),
    is_number("WritePercent", 1, 100),
    is_number("WriteUnits", 0),
    bad_records_problems,
    *SOURCE_CHECKS,
)


def generate_layout(user_params: Mapping[str, Any], system_params: Mapping[str, str]) -> Workflow:
    """Stage the scripts and describe the workflow.

    Args:
        user_params: the blueprint's parameters.
        system_params: ``region`` and ``accountId``.

    Raises:
        ValueError: parameters that do not fit together, or a script bucket that cannot be used.
    """
    check_parameters(user_params, CHECKS)
    common = common_settings(user_params)
    region = system_params["region"]
    scripts = prepare(common, system_params, BLUEPRINT, SCRIPTS)
    shared = {
        "aws_region": region,
        "lock_folder": "s3://{}/glueprint/locks/{}/".format(common.script_bucket, common.workflow),
    }
    look = _look(common, user_params, shared, scripts["look.py"])
    load = _load(common, user_params, shared, scripts["load.py"], look)
    arguments = {**shared, "table": user_params["TableName"].strip()}
    report = shell_job(
        common, "report", scripts["report.py"], arguments, REPORT_MINUTES, depends_on={load: "SUCCEEDED"}
    )
    description = "Loads the {} files of {} into the DynamoDB table {}.".format(
        user_params["InputFormat"], normal_folder(user_params["Location"]), arguments["table"]
    )
    return catalogue_workflow(common, description, [look, load, report])


def _look(common: CommonSettings, params: Mapping[str, Any], shared: Dict[str, Any], script: str) -> Job:
    on_missing = params["OnMissing"]
    arguments = {
        **shared,
        "location": normal_folder(params["Location"]) or "",
        "file_pattern": params["FilePattern"],
        "on_missing": on_missing,
        "manifest_folder": "s3://{}/glueprint/manifests/{}/".format(common.script_bucket, common.workflow),
    }
    # A second look would only delay the failure that OnMissing requests.
    return shell_job(common, "look", script, arguments, LOOK_MINUTES, 0 if on_missing == "fail" else None)


def _load(
    common: CommonSettings, params: Mapping[str, Any], shared: Dict[str, Any], script: str, look: Job
) -> Job:
    default = "s3://{}/glueprint/bad_records/{}/".format(common.script_bucket, common.workflow)
    arguments = {
        "job-bookmark-option": "job-bookmark-disable",  # the manifest lists what is to be loaded
        **shared,
        "table": params["TableName"].strip(),
        "write_percent": int(params["WritePercent"]),
        "write_units": int(params["WriteUnits"]),
        "duplicate_keys": params["DuplicateKeys"],
        "bad_records": normal_folder(params["BadRecordsLocation"]) or default,
        **source_arguments(params),
    }
    return spark_job(common, "load", script, arguments, LOAD_MINUTES, {look: "SUCCEEDED"})
