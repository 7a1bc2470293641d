"""A scripted Glue: real HTTP and signatures, with answers that a test defines."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from pathlib import Path
from typing import Any

import uvicorn

from glueprint.local.datadir import DataDirectory
from glueprint.local.http import Front, FrontOptions, Guard, HostRules, Moto, Services
from glueprint.local.job_api.route import JobApi
from glueprint.local.logs import Logs, logs_service, prepare_log
from glueprint.local.protocol import ApiError, Context, JsonService, Operation
from glueprint.local.protocol.requests import service_model

Frame = dict[str, Any]


def not_found(what: str) -> ApiError:
    """Glue's EntityNotFoundException."""
    return ApiError("EntityNotFoundException", f"{what} not found.")


class FakeGlue:
    """Answers requests from what a test stores in it; each request for a run returns its next frame."""

    def __init__(self) -> None:
        self.blueprints: dict[str, dict[str, Any]] = {}
        self.blueprint_status: tuple[str, str | None] = ("ACTIVE", None)
        self.blueprint_run: dict[str, Any] = {"State": "SUCCEEDED", "WorkflowName": "nightly"}
        self.start_error: ApiError | None = None
        self.tags: dict[str, dict[str, str]] = {}
        self.tag_error: ApiError | None = None
        self.parameters: dict[str, Any] = dict(PARAMETERS)
        self.workflows: dict[str, dict[str, Any]] = {}
        self.runs: dict[str, list[Frame]] = {}
        self.job_runs: dict[str, dict[str, Any]] = {}
        self.crawls: dict[str, list[dict[str, Any]]] = {}
        self.triggers: dict[str, dict[str, Any]] = {}
        self.missed_times: list[dict[str, Any]] = []
        self.requests: list[tuple[str, dict[str, Any]]] = []

    def sent(self, name: str) -> list[dict[str, Any]]:
        """The requests of one operation."""
        return [request for operation, request in self.requests if operation == name]

    def create_blueprint(self, request: dict[str, Any]) -> Any:
        if request["Name"] in self.blueprints:
            raise ApiError("AlreadyExistsException", "exists")
        self.blueprints[request["Name"]] = dict(request)

    def update_blueprint(self, request: dict[str, Any]) -> Any:
        self.blueprints[request["Name"]] |= request

    def get_blueprint(self, request: dict[str, Any]) -> Any:
        found = self.blueprints.get(request["Name"])
        if found is None:
            raise not_found(f"Blueprint {request['Name']}")
        status, error = self.blueprint_status
        spec = json.dumps(self.parameters)
        return {"Blueprint": {**found, "Status": status, "ErrorMessage": error, "ParameterSpec": spec}}

    def start_blueprint_run(self, request: dict[str, Any]) -> Any:
        if self.start_error is not None:
            raise self.start_error
        return {"RunId": "br_1"}

    def get_blueprint_run(self, request: dict[str, Any]) -> Any:
        return {"BlueprintRun": {"RunId": request["RunId"], **self.blueprint_run}}

    def batch_get_blueprints(self, request: dict[str, Any]) -> Any:
        return {"Blueprints": [self.get_blueprint({"Name": name})["Blueprint"] for name in request["Names"]]}

    def tag_resource(self, request: dict[str, Any]) -> Any:
        if self.tag_error is not None:
            raise self.tag_error
        self.tags.setdefault(request["ResourceArn"], {}).update(request["TagsToAdd"])

    def get_tags(self, request: dict[str, Any]) -> Any:
        return {"Tags": self.tags.get(request["ResourceArn"], {})}

    def list_blueprints(self, request: dict[str, Any]) -> Any:
        return {"Blueprints": sorted(self.blueprints)}

    def list_workflows(self, request: dict[str, Any]) -> Any:
        return {"Workflows": sorted(self.workflows)}

    def batch_get_workflows(self, request: dict[str, Any]) -> Any:
        return {"Workflows": [self.workflows[name] for name in request["Names"]]}

    def get_workflow(self, request: dict[str, Any]) -> Any:
        if request["Name"] not in self.workflows:
            raise not_found(f"Workflow {request['Name']}")
        return {"Workflow": self.workflows[request["Name"]]}

    def start_workflow_run(self, request: dict[str, Any]) -> Any:
        if request["Name"] not in self.workflows:
            raise not_found(f"Workflow {request['Name']}")
        return {"RunId": next(iter(self.runs))}

    def get_workflow_run(self, request: dict[str, Any]) -> Any:
        frames = self.runs.get(request["RunId"])
        if not frames or frames[0]["Name"] != request["Name"]:
            raise not_found(f"Run {request['RunId']}")
        return {"Run": frames.pop(0) if len(frames) > 1 else frames[0]}

    def get_workflow_runs(self, request: dict[str, Any]) -> Any:
        return {"Runs": [frames[-1] for frames in self.runs.values() if frames[0]["Name"] == request["Name"]]}

    def stop_workflow_run(self, request: dict[str, Any]) -> Any:
        return {}

    def resume_workflow_run(self, request: dict[str, Any]) -> Any:
        return {"RunId": "wr_2", "NodeIds": request["NodeIds"]}

    def list_jobs(self, request: dict[str, Any]) -> Any:
        return {"JobNames": sorted({run["JobName"] for run in self.job_runs.values()})}

    def get_job_run(self, request: dict[str, Any]) -> Any:
        run = self.job_runs.get(request["RunId"])
        if run is None or run["JobName"] != request["JobName"]:
            raise not_found(f"Job run {request['RunId']}")
        return {"JobRun": run}

    def get_job_runs(self, request: dict[str, Any]) -> Any:
        runs = [run for run in self.job_runs.values() if run["JobName"] == request["JobName"]]
        if not runs:
            raise not_found(f"Job {request['JobName']}")
        return {"JobRuns": runs}

    def get_crawlers(self, request: dict[str, Any]) -> Any:
        return {"Crawlers": [{"Name": name} for name in sorted(self.crawls)]}

    def list_crawls(self, request: dict[str, Any]) -> Any:
        return {"Crawls": self.crawls[request["CrawlerName"]]}

    def list_triggers(self, request: dict[str, Any]) -> Any:
        return {"TriggerNames": sorted(self.triggers)}

    def get_triggers(self, request: dict[str, Any]) -> Any:
        return {"Triggers": [self.triggers[name] for name in sorted(self.triggers)]}

    def get_trigger(self, request: dict[str, Any]) -> Any:
        return {"Trigger": self.triggers[request["Name"]]}

    def batch_stop_job_run(self, request: dict[str, Any]) -> Any:
        for run_id in request["JobRunIds"]:
            self.job_runs[run_id]["JobRunState"] = "STOPPED"
        return {"SuccessfulSubmissions": []}


PARAMETERS: dict[str, Any] = {
    "WorkflowName": {"type": "String", "defaultValue": None},
    "Minimum": {"type": "Integer", "defaultValue": 1},
    "Columns": {"type": "String", "collection": True, "defaultValue": ["a"]},
}


class FakeS3:
    """Stores objects; knows which buckets were created."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.buckets: set[str] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        path = scope["path"].strip("/")
        status = 200
        if scope["method"] == "HEAD":
            status = 200 if path in self.buckets else 404
        elif "/" not in path:
            self.buckets.add(path)
        else:
            self.objects[path] = body
        etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'.encode()
        await send({"type": "http.response.start", "status": status, "headers": [(b"etag", etag)]})
        await send({"type": "http.response.body", "body": b""})


class Stage:
    """A running scripted Glue on a data directory, where the commands find it."""

    def __init__(self, path: Path) -> None:
        self.data = DataDirectory.open(path)
        self.reset()
        self.logs = Logs(self.data.logs)
        self._moto = Moto()
        keys = self.data.keys
        services = Services(
            glue=JsonService("glue", self._operations()),
            logs=logs_service(self.logs),
            events=JsonService("events", {}),
            s3=lambda scope, receive, send: self.s3(scope, receive, send),
            job_api=JobApi({}, {"missed-times": lambda members: {"MissedTimes": self.glue.missed_times}}),
            moto=self._moto,
        )
        options = FrontOptions(lambda key: keys.secret_key if key == keys.access_key else None)
        config = uvicorn.Config(
            Guard(Front(services, options), HostRules()), port=0, log_level="critical", lifespan="off", ws="none"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        deadline = time.monotonic() + 60
        while not self._server.started and time.monotonic() < deadline:
            threading.Event().wait(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.data.publish(self.url, region="us-east-1", account_id="123456789012")

    def reset(self) -> None:
        """Start again with an empty Glue and S3."""
        self.glue, self.s3 = FakeGlue(), FakeS3()

    def _operations(self) -> dict[str, Operation]:
        """Return an operation for each method of the fake that is named like one."""

        def operation(name: str, method: str) -> Operation:
            def answer(context: Context, request: dict[str, Any]) -> Any:
                self.glue.requests.append((name, request))
                return getattr(self.glue, method)(request)

            return Operation(answer)

        named = {"".join(word.title() for word in method.split("_")): method for method in vars(FakeGlue)}
        model = service_model("glue").operation_names
        return {name: operation(name, method) for name, method in named.items() if name in model}

    def write_log(self, group: str, stream: str, text: str) -> None:
        """Add text to a log stream, as a process does."""
        with prepare_log(self.data.logs, group, stream).open("a") as file:
            file.write(text)

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(60)
        self._moto.close()
        self.data.close()
        assert not self._thread.is_alive()
