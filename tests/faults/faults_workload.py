"""What runs while servers are killed: workflows of every shape, whose jobs say what they did.

The jobs speak plain HTTP instead of boto3, whose import alone is half of what a job costs here; like boto3 they
repeat a call until a server answers it. That takes a server that verifies no signatures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ROLE = "arn:aws:iam::123456789012:role/glueprint"
BUCKET = "ran"
"""Each start of user code leaves one object there, ``ATTEMPT/RANDOM``."""

OUTSIDE = {"--WORKFLOW_NAME": "none", "--WORKFLOW_RUN_ID": "none"}
"""Arguments that workflow runs override."""

SCRIPT = '''
import http.client, json, os, sys, time, uuid
from awsglue.utils import getResolvedOptions

names = ["WORKFLOW_NAME", "WORKFLOW_RUN_ID", "who", "seconds", "fails"]
options = getResolvedOptions(sys.argv, names)
attempt = os.path.basename(os.environ["GLUEPRINT_RUN_DIR"])
server = os.environ["AWS_ENDPOINT_URL"].partition("://")[2]

def call(service, method, path, body, **headers):
    scope = "Credential=job/20250101/us-east-1/" + service + "/aws4_request"
    headers["Authorization"] = "AWS4-HMAC-SHA256 " + scope + ", SignedHeaders=host, Signature=none"
    deadline = time.time() + 3600
    while True:
        connection = http.client.HTTPConnection(server, timeout=20)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status == 200:
                return
            if answer.status < 500:
                raise SystemExit("%s %s: %s %s" % (method, path, answer.status, text))
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        if time.time() > deadline:
            raise SystemExit("no server answers")
        time.sleep(0.05)

call("s3", "PUT", "/ran/%s/%s" % (attempt, uuid.uuid4()), b"")
time.sleep(float(options["seconds"]))
if options["fails"] == "always" or (options["fails"] == "first" and "_attempt_" not in attempt):
    raise SystemExit("this attempt fails on purpose")
properties = {options["who"]: "done"}
named = {"Name": options["WORKFLOW_NAME"], "RunId": options["WORKFLOW_RUN_ID"], "RunProperties": properties}
target = {"X-Amz-Target": "AWSGlue.PutWorkflowRunProperties", "Content-Type": "application/x-amz-json-1.1"}
call("glue", "POST", "/", json.dumps(named), **target)
'''


@dataclass(frozen=True)
class Job:
    """A job of the workload, by name.

    Attributes:
        fails: ``first`` attempt, ``always`` or ``never``; what fails is tried twice.
    """

    name: str
    seconds: float = 0.1
    fails: str = "never"
    members: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """A trigger: when all (or ``any_of``) of the conditions hold it starts jobs, and the crawler with them.

    Conditions are job names, or ``JOB=STATE``; ``crawler`` means the workflow's crawler.
    """

    starts: tuple[str, ...]
    after: tuple[str, ...] = ()
    any_of: bool = False


CRAWLER = "crawler"
FAN = tuple(f"fan{number}" for number in range(8))
WIDE_JOBS = (
    Job("chain0"),
    Job("chain1", 0.4),
    Job("retried", 0.1, "first"),
    *(Job(name, 0.1 + 0.15 * (n % 4), "first" if n == 3 else "never") for n, name in enumerate(FAN)),
    Job("hopeless", 0.1, "always"),
    Job("alarm"),
    Job("never"),
    Job("joined", 0.3),
    Job("either"),
    Job("both"),
    Job("tail0", 0.5),
    Job("tail1"),
    Job("tail2"),
)
WIDE = (
    Step(("chain0",)),
    Step(("chain1", "hopeless"), ("chain0",)),
    Step(("retried",), ("chain1",)),
    Step((*FAN, CRAWLER), ("retried",)),
    Step(("alarm",), ("hopeless=FAILED",)),
    Step(("never",), ("hopeless",)),
    Step(("joined",), FAN),
    Step(("either",), ("joined", "fan0=FAILED", "fan1"), any_of=True),
    Step(("both",), ("joined", CRAWLER)),
    Step(("tail0",), ("both", "alarm")),
    Step(("tail1",), ("tail0",)),
    Step(("tail2",), ("tail1", "either")),
)
"""20 jobs: chains, a fan-out, AND joins over jobs and a crawler, an ANY, retries, a branch that never runs."""

SMALL_JOBS = (Job("first"), Job("second", 0.2, "first"), Job("third", 0.1), Job("last"))
SMALL = (
    Step(("first",)),
    Step(("second", "third", CRAWLER), ("first",)),
    Step(("last",), ("second", "third", CRAWLER)),
)


def put_jobs(glue: Any, s3: Any, jobs: Sequence[Job]) -> None:
    """Store the script and define the jobs."""
    for bucket in (BUCKET, "scripts", "data"):
        s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket="scripts", Key="job.py", Body=SCRIPT.encode())
    command = {"Name": "pythonshell", "ScriptLocation": "s3://scripts/job.py", "PythonVersion": "3.9"}
    for job in jobs:
        own = {"--who": job.name, "--seconds": str(job.seconds), "--fails": job.fails}
        glue.create_job(
            **{
                "Name": job.name,
                "Role": ROLE,
                "Command": command,
                "DefaultArguments": OUTSIDE | own,
                "MaxRetries": 0 if job.fails == "never" else 1,
                "ExecutionProperty": {"MaxConcurrentRuns": 100},
                **job.members,
            }
        )


def put_workflow(glue: Any, s3: Any, name: str, steps: Sequence[Step]) -> None:
    """Define a workflow over the jobs, with a crawler and a database of its own."""
    key = f"{name}/trips/month=1/part.csv"
    s3.put_object(Bucket="data", Key=key, Body=b"id,fare\n1,2.5\n2,3.5\n")
    glue.create_database(DatabaseInput={"Name": name})
    targets = {"S3Targets": [{"Path": f"s3://data/{name}/trips/"}]}
    glue.create_crawler(Name=f"{name}_{CRAWLER}", Role=ROLE, DatabaseName=name, Targets=targets)
    glue.create_workflow(Name=name, DefaultRunProperties={"default": "kept", "given": "not this"})
    for number, step in enumerate(steps):
        kind = _starting() if not step.after else _conditional(name, step)
        actions = [_action(name, one) for one in step.starts]
        glue.create_trigger(Name=f"{name}_{number}", WorkflowName=name, Actions=actions, **kind)


def _starting() -> dict[str, Any]:
    return {"Type": "ON_DEMAND"}


def _conditional(workflow: str, step: Step) -> dict[str, Any]:
    predicate: dict[str, Any] = {"Conditions": [_condition(workflow, one) for one in step.after]}
    if len(step.after) > 1:
        predicate["Logical"] = "ANY" if step.any_of else "AND"
    return {"Type": "CONDITIONAL", "StartOnCreation": True, "Predicate": predicate}


def _action(workflow: str, name: str) -> dict[str, str]:
    return {"CrawlerName": f"{workflow}_{CRAWLER}"} if name == CRAWLER else {"JobName": name}


def _condition(workflow: str, text: str) -> dict[str, str]:
    name, _, state = text.partition("=")
    state = state or "SUCCEEDED"
    if name == CRAWLER:
        return {"LogicalOperator": "EQUALS", "CrawlerName": f"{workflow}_{CRAWLER}", "CrawlState": state}
    return {"LogicalOperator": "EQUALS", "JobName": name, "State": state}
