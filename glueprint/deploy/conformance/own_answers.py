"""What Glueprint answers to each probe. Tests run the probes against the local Glue and compare.

Made by running them; a change here is a change of Glueprint's behaviour, and belongs to its fidelity page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OWN_ANSWERS: Mapping[str, Any] = {
    "trigger-start-stop": {
        "start an activated trigger": "accepted",
        "stop a deactivated trigger": "accepted",
        "stop a created trigger": "InvalidInputException: The operation is not allowed when "
        "trigger is in state: CREATED",
        "start an EVENT trigger": "InvalidInputException: Trigger Type EVENT cannot be started",
        "state of a new EVENT trigger": "CREATED",
    },
    "trigger-predicates": {
        "several conditions without Logical": "InvalidInputException: Predicate.Logical: AND "
        "or ANY is required with 2 conditions",
        "a condition without LogicalOperator": "InvalidInputException: Logical operator cannot be null or empty",
        "no condition": "InvalidInputException: Predicate cannot be null or empty",
        "no predicate": "InvalidInputException: Predicate cannot be null or empty",
        "a job on both sides": "InvalidInputException: Job cannot be a Predicate and Action "
        "for Conditional Trigger: P-started",
        "a state that crawls have": "ValidationException: 1 validation error detected: Value "
        "'CANCELLED' at 'predicate.conditions.1.member.state' "
        "failed to satisfy constraint: Member must satisfy enum "
        "value set: [STARTING, RUNNING, STOPPING, STOPPED, "
        "SUCCEEDED, FAILED, TIMEOUT, ERROR, WAITING, EXPIRED]",
    },
    "trigger-several-problems": "InvalidInputException: Schedule: cron(x): it has 1 fields and needs six: "
    "cron(Minutes Hours Day-of-month Month Day-of-week Year); Actions[0].Timeout: "
    "10080 minutes; it must be less than 10080 (7 days)",
    "trigger-cron": {
        "cron(0 5 ? * MON#2 *)": "InvalidInputException",
        "cron(0 5 LW * ? *)": "InvalidInputException",
        "cron(0 5 L-3 * ? *)": "InvalidInputException",
        "cron(0 5 ? * FRI-MON *)": "InvalidInputException",
        "cron(0 5 31W * ? *)": "accepted",
        "cron(0 5 ? * L *)": "accepted",
        "cron(0 5 ? * FRIL *)": "accepted",
        "cron(0 5 31 2 ? *)": "accepted",
        "cron(0 5 1 1 ? 2020)": "accepted",
        "cron(0/4 * * * ? *)": "InvalidInputException",
        "cron(0,58 * * * ? *)": "InvalidInputException",
    },
    "trigger-action-limits": {
        "Timeout of seven days in an action": "InvalidInputException: Actions[0].Timeout: "
        "10080 minutes; it must be less than 10080 "
        "(7 days)",
        "a reserved argument in an action": "InvalidInputException: Actions[0]: Arguments "
        "must not set the reserved argument "
        "--JOB_NAME",
        "an argument without dashes in an action": "accepted",
        "a job that does not exist": "InvalidInputException: Actions[0].JobName: job "
        "glueprint-nowhere does not exist",
    },
    "catalog-tables": {
        "order of GetTables": ["apple", "mango", "zebra"],
        "UpdateTable with another Name": "InvalidInputException",
        "DeleteTableVersion of the current version": "InvalidInputException",
        "TagResource of a table": "InvalidInputException",
        "UpdateDatabase with another Name": "InvalidInputException",
    },
    "catalog-partition-expressions": {
        "an unknown column, without partitions": "InvalidInputException",
        "order of GetPartitions": [
            ["2025", "a"],
            ["2026", "b"],
            ["__HIVE_DEFAULT_PARTITION__", "__HIVE_DEFAULT_PARTITION__"],
        ],
        "year > 2025": [["2026", "b"]],
        "year <> 2025": [["2026", "b"]],
        "year is null": [["__HIVE_DEFAULT_PARTITION__", "__HIVE_DEFAULT_PARTITION__"]],
        "year = '__HIVE_DEFAULT_PARTITION__'": "InvalidInputException",
        "zone = '__HIVE_DEFAULT_PARTITION__'": [["__HIVE_DEFAULT_PARTITION__", "__HIVE_DEFAULT_PARTITION__"]],
        "zone is null": [["__HIVE_DEFAULT_PARTITION__", "__HIVE_DEFAULT_PARTITION__"]],
        "zone like '%'": [
            ["2025", "a"],
            ["2026", "b"],
            ["__HIVE_DEFAULT_PARTITION__", "__HIVE_DEFAULT_PARTITION__"],
        ],
        "zone != 'a'": "InvalidInputException",
        "2025 = year": "InvalidInputException",
        "year in (2025, 2026)": [["2025", "a"], ["2026", "b"]],
    },
    "catalog-search": {"a filter key that is a parameter": 1, "an unknown filter key": 0},
    "catalog-definitions": {
        "a grok classifier with an unknown pattern": "InvalidInputException",
        "a JSON classifier with a bad path": "InvalidInputException",
        "a crawler with an unknown classifier": "InvalidInputException",
        "a crawler with an unknown connection": "InvalidInputException",
        "UpdateConnection with another Name": "InvalidInputException",
        "ResetJobBookmark of a job without one": "EntityNotFoundException",
    },
    "blueprint-parameters": {
        "registration": "ACTIVE",
        "a parameter that is not declared": "refused by StartBlueprintRun: InvalidInputException",
        "null": "refused by StartBlueprintRun: InvalidInputException",
        "a number as text": "refused by StartBlueprintRun: InvalidInputException",
        "a whole number for Double": "SUCCEEDED",
        "a fraction for Integer": "refused by StartBlueprintRun: InvalidInputException",
        "a value that allowedValues does not have": "refused by StartBlueprintRun: InvalidInputException",
        "two wrong values": "refused by StartBlueprintRun: InvalidInputException",
        "a missing parameter": "refused by StartBlueprintRun: InvalidInputException",
    },
    "blueprint-declarations": {
        "a default that allowedValues does not have": "ACTIVE",
        "a member that is not documented": "ACTIVE",
        "blueprint.cfg at the root and in the folder": "FAILED",
    },
    "blueprint-environment": {
        "python": "3.11",
        "timezone": "UTC",
        "cwd is /tmp": "False",
        "folder of the zip below cwd": "True",
        "cwd on sys.path": "True",
        "HOME is a directory": "True",
        "modules of the zip": "importable",
        "boto3": "True",
        "numpy": "True",
        "pandas": "True",
        "pyarrow": "True",
        "pyspark": "False",
    },
    "blueprint-errors": {
        "sys.exit(3)": "FAILED: Unknown error executing layout generator function SystemExit: "
        "3 (at error/layout.py:7). A layout must return its Workflow, and raise "
        "an exception to refuse",
        "an exception": "FAILED: Unknown error executing layout generator function ValueError: "
        "the layout refuses (at error/layout.py:7)",
        "no workflow": "FAILED: Unknown error executing layout generator function TypeError: "
        "generate_layout returned NoneType, wants a Workflow of "
        "awsglue.blueprint.workflow",
    },
    "blueprint-values": {
        "DefaultArguments": {"--true": "true", "--half": "0.5", "--list": '[1, "a"]', "--text": "t"},
        "form of the suffix": "_xxxxxxxx",
        "triggers": ["P-valued_starting_trigger"],
    },
    "job-defaults": {
        "GlueVersion": "6.0",
        "Timeout": 480,
        "MaxRetries": 0,
        "MaxCapacity": 10.0,
        "WorkerType": None,
        "NumberOfWorkers": None,
        "JobMode": "SCRIPT",
    },
    "job-refusals": {
        "capacity with workers": "InvalidInputException: Please do not set Max Capacity if using "
        "Worker Type and Number of Workers",
        "worker type alone": "InvalidInputException: WorkerType and NumberOfWorkers must be given together",
        "one worker": "accepted",
        "GlueVersion 2.0": "accepted",
        "a reserved argument": "InvalidInputException: DefaultArguments must not set the reserved "
        "argument --JOB_NAME",
        "an argument without dashes": "accepted",
        "260 KB of arguments": "InvalidInputException: DefaultArguments: 270003 bytes, at most 266240 (260 KB)",
        "Timeout of seven days": "InvalidInputException: Timeout must be less than 10080 minutes (7 days)",
    },
    "shell-environment": {
        "outside a workflow": {
            "arguments": ["--bucket", "--customer-driver-env-vars", "--key", "--own"],
            "CUSTOMER_A": "a",
            "OTHER_A": None,
            "TZ": "UTC",
        },
        "more arguments in a workflow": ["--WORKFLOW_NAME", "--WORKFLOW_RUN_ID"],
    },
    "shell-messages": {
        "sys.exit(3)": "FAILED: SystemExit: 3",
        "sys.exit(0)": "SUCCEEDED: ",
        "an exception": "FAILED: ValueError: the probe fails",
        "killed": "FAILED: Command was killed by SIGKILL: most likely the machine ran out of memory",
    },
    "shell-extra-files": {
        "a missing file": "FAILED: --extra-py-files: s3://BUCKET/lib/gone.py: NoSuchKey: The "
        "specified key does not exist.",
        "a list with a space": {"imported": 1},
    },
    "workflow-start-kinds": {
        "SCHEDULED": {"StartWorkflowRun": "accepted", "job": ["SUCCEEDED"]},
        "EVENT": {"StartWorkflowRun": "accepted", "job": ["SUCCEEDED"]},
    },
    "workflow-without-start": {"Status": "COMPLETED", "TotalActions": 0},
    "workflow-not-found": {
        "GetWorkflow": "EntityNotFoundException: Entity not found",
        "GetWorkflowRun of a workflow that does not exist": "EntityNotFoundException: Entity not found",
        "GetWorkflowRun": "EntityNotFoundException: Entity not found",
        "StartWorkflowRun": "EntityNotFoundException: Entity not found",
        "DeleteWorkflow": "accepted",
    },
    "workflow-failed-attempt": {
        "a pause of ten seconds or more before the retry": False,
        "states": {"fails": ["FAILED", "FAILED"], "alarm": ["SUCCEEDED"], "never": []},
        "Status": "COMPLETED",
        "Statistics": {
            "TotalActions": 3,
            "FailedActions": 1,
            "SucceededActions": 1,
            "StoppedActions": 0,
            "RunningActions": 0,
        },
    },
    "workflow-any-fires-once": {
        "runs of what an ANY trigger starts": 1,
        "its predecessors are of one job": True,
        "another trigger of the same event fired": True,
    },
    "workflow-run-limits": {
        "StartWorkflowRun over the limit": "ConcurrentRunsExceededException: Concurrent "
        "runs exceeded for workflow: P-limited-2.",
        "StopWorkflowRun again": "accepted",
        "Status": "STOPPED",
        "StopWorkflowRun of a stopped run": "IllegalWorkflowStateException",
    },
    "job-run-limit": {
        "StartJobRun": "ConcurrentRunsExceededException: Concurrent runs exceeded for P-busy",
        "state of the run by a trigger": "FAILED",
        "its ErrorMessage": "Concurrent runs exceeded for P-busy",
    },
    "workflow-node-ids": {"the same in two runs": True, "the same in the workflow and in a run": True},
    "workflow-resume": {
        "states": {"resumed": ["SUCCEEDED"], "copied": ["SUCCEEDED"], "after": ["SUCCEEDED"]},
        "run properties": {"default": "d", "given": "g"},
        "TotalActions": 3,
    },
    "workflow-deleted": {"GetWorkflowRun": "accepted", "job runs go on": True},
    "crawl": {
        "Status": "SUCCEEDED",
        "headless": {
            "columns": ["col0 bigint", "col1 string", "col2 double"],
            "partition keys": [],
            "serde": "LazySimpleSerDe",
            "classification": "csv",
            "delimiter": ",",
            "typeOfData": "file",
            "compressionType": "none",
        },
        "json_array": {
            "columns": ["array array<struct<id:int>>"],
            "partition keys": [],
            "serde": "JsonSerDe",
            "classification": "json",
            "typeOfData": "file",
            "compressionType": "none",
        },
        "json_numbers": {
            "columns": ["small int", "large bigint", "part double"],
            "partition keys": [],
            "serde": "JsonSerDe",
            "classification": "json",
            "typeOfData": "file",
            "compressionType": "none",
        },
        "levels": {
            "columns": ["id bigint", "name string"],
            "partition keys": ["partition_0 string", "partition_1 string"],
            "serde": "LazySimpleSerDe",
            "classification": "csv",
            "delimiter": ",",
            "skip.header.line.count": "1",
            "typeOfData": "file",
            "compressionType": "none",
        },
        "mixed": {
            "columns": ["id bigint", "name string"],
            "partition keys": ["k string", "partition_0 string"],
            "serde": "LazySimpleSerDe",
            "classification": "csv",
            "delimiter": ",",
            "skip.header.line.count": "1",
            "typeOfData": "file",
            "compressionType": "none",
        },
        "ragged": {
            "columns": ["id bigint", "name string", "size bigint"],
            "partition keys": [],
            "serde": "LazySimpleSerDe",
            "classification": "csv",
            "delimiter": ",",
            "skip.header.line.count": "1",
            "typeOfData": "file",
            "compressionType": "none",
        },
        "two_delimiters": {
            "columns": ["a bigint", "b,c string", "d bigint"],
            "partition keys": [],
            "serde": "LazySimpleSerDe",
            "classification": "csv",
            "delimiter": ";",
            "skip.header.line.count": "1",
            "typeOfData": "file",
            "compressionType": "none",
        },
        "two_rows": {
            "columns": ["id bigint", "name string"],
            "partition keys": [],
            "serde": "LazySimpleSerDe",
            "classification": "csv",
            "delimiter": ",",
            "skip.header.line.count": "1",
            "typeOfData": "file",
            "compressionType": "none",
        },
        "xml": {
            "columns": ["id bigint"],
            "partition keys": [],
            "serde": "",
            "classification": "xml",
            "typeOfData": "file",
            "compressionType": "none",
            "rowTag": "row",
        },
        "other tables": [],
    },
    "spark-exits": {
        "sys.exit(0)": "FAILED: SystemExit: 0",
        "sys.exit()": "FAILED: SystemExit",
        "os._exit(0)": "SUCCEEDED: ",
    },
    "spark-frames": {
        "int and text in one field": "StructType([Field(id, IntegerType({}), {}),Field(v, "
        "ChoiceType([IntegerType({}),StringType({})], {}), {})], {})",
        "cast of a choice": ["{'id': 1, 'v': 1}", "{'id': 2, 'v': None}", "{'id': 3, 'v': None}"],
        "project of a choice": ["{'id': 1, 'v': 1}", "{'id': 2, 'v': None}", "{'id': 3, 'v': None}"],
        "columns of make_cols": "struct<id:int,v_int:int,v_string:string>",
        "int and long in one field": "StructType([Field(n, "
        "ChoiceType([IntegerType({}),LongType({})], {}), {})], {})",
        "numbers beyond 64 bits": "StructType([Field(n, DoubleType({}), {})], {})",
        "two JSON values on a line": 2,
        "csv: empty, \\N and missing cells": [
            "{'id': '1', 'name': ''}",
            "{'id': '2', 'name': '\\\\N'}",
            "{'id': '3', 'name': None}",
        ],
        "a folder without data": 0,
        "rename_field to an existing name": "struct<y:bigint>",
        "drop_fields of a missing path": "struct<x:bigint,y:string>",
        "two mappings to one target": "BadMapping",
        "cast of a struct to string": ['{\'s\': \'{"_1":1,"_2":"a"}\'}'],
        "types after map": "struct<x:int,y:void>",
        "a name with a period": "struct<a.b:bigint,a_b:bigint>",
        "ANSI mode": "false",
        "time zone of the session": "UTC",
        "csv written": ["1,2026-01-02 03:04:05.678901,", "id,at,gone"],
        "json written": ['{"id":1,"at":"2026-01-02 03:04:05.678901"}'],
        "a frame without rows makes files": False,
    },
    "catalog-paging": {
        "tables in a page": 100,
        "a NextToken that was not issued": "InvalidInputException",
        "segments are disjoint and complete": True,
    },
    "catalog-index": {
        "a second index while the first is built": "ResourceNumberLimitExceededException",
        "deletion while it is built": "ConflictException",
    },
    "catalog-functions": {
        "names": ["myfunction"],
        "UpdateUserDefinedFunction with another name": "InvalidInputException",
    },
    "catalog-crawl-filters": {
        "a filter without a value": "InvalidInputException: Invalid Filter Provided: "
        "FieldName: STATE, FilterOperator: EQ, FieldValue: "
        "null",
        "a filter without an operator": "InvalidInputException: Invalid Filter Provided: "
        "FieldName: STATE, FilterOperator: null, "
        "FieldValue: COMPLETED",
        "GT with a text": "InvalidInputException: Only EQ or NE operator is allowed for field : STATE",
    },
    "workflow-trigger-states": {
        "states right after CreateTrigger, StartTrigger, StopTrigger": ["CREATED", "ACTIVATED", "DEACTIVATED"]
    },
    "catalog-updates": {
        "Description of a workflow after an empty one": "",
        "DefaultRunProperties after an empty map": {},
        "Description of a crawler after an empty one": "",
        "TablePrefix after an empty one": "",
        "GetCrawler shows the role as its ARN": True,
    },
}
