"""Runs a blueprint's layout in a child process and returns the Create* requests that it describes.

This limits accidents (endless loops, output, memory, exits, child processes). It is **not a sandbox**: a layout is
Python and can do whatever the user who runs it can do. The child finds the directory of its zip, an ``awsglue``
that contains only ``blueprint``, the standard library and boto3, and only the environment variables that it is
given.
"""

from __future__ import annotations

import json
import math
import os
import re
import selectors
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glueprint.blueprint.archive import Archive
from glueprint.blueprint.aws_calls import AnswerCall, answered_calls
from glueprint.blueprint.config import BlueprintConfig
from glueprint.blueprint.layout_result import (
    LayoutError,
    LayoutRequests,
    LayoutResult,
    layout_warning,
    requests_of,
)
from glueprint.blueprint.process_cleanup import kill_with_children
from glueprint.facts.findings import Finding, Place
from glueprint.facts.glue_python import ANALYTICS_MODULES
from glueprint.facts.source_lines import origin_of, read_map

__all__ = ["LayoutError", "LayoutLimits", "LayoutRequests", "LayoutResult", "run_layout"]

_CHILD = Path(__file__).with_name("layout_child.py")
_LIBRARY = Path(__file__).with_name("layout_library")
_MARK = "GLUEPRINT_LAYOUT"
_INHERITED = ("PATH", "LANG", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
_READ_SIZE = 64 * 1024
_POLL_SECONDS = 0.05
_STACK_SECONDS = 1.0
_ANSWER_MARGIN_BYTES = 10 * 1024


@dataclass(frozen=True, slots=True)
class LayoutLimits:
    """Limits of a layout. Glue documents none of these; see docs/fidelity/blueprint.md."""

    seconds: float = 60.0
    """Wall-clock time from the start of the process."""
    memory_bytes: int = 1 << 30
    """Address space, where the system can limit it (Linux)."""
    output_bytes: int = 1_000_000
    """Standard output and standard error together."""
    result_bytes: int = 10_000_000
    """The requests as JSON."""


@dataclass(frozen=True, slots=True)
class _Ending:
    """How the child process ended: by itself with a status, or because it exceeded a limit."""

    output: str
    status: int | None = None
    overrun: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class _Child:
    """What the child process is started with; ``calls`` is the socket of its AWS calls."""

    request: Path
    root: Path
    stack: Path
    environment: Mapping[str, str]
    calls: int | None


def _never() -> bool:
    return False


def run_layout(
    archive: Archive,
    config: BlueprintConfig,
    user_params: Mapping[str, Any],
    system_params: Mapping[str, str],
    *,
    environment: Mapping[str, str],
    suffix: str,
    limits: LayoutLimits | None = None,
    scratch: Path | None = None,
    stop: Callable[[], bool] = _never,
    answer_call: AnswerCall | None = None,
) -> LayoutResult:
    """Call the layout function of ``archive`` and return what it describes.

    Args:
        archive: the blueprint's files; extracted for the time of the call.
        config: names module and function.
        user_params: values by parameter name, as ``ParameterSpec.resolve`` returns them.
        system_params: ``region`` and ``accountId``.
        environment: what the child gets in addition to PATH, LANG and a temporary HOME: endpoint, keys, region.
        suffix: goes to the end of the names of jobs and crawlers (the service takes a random one).
        limits: defaults to `LayoutLimits`.
        scratch: directory for the extraction; the system's own if None. Nothing is left in it.
        stop: called about 20 times a second; True ends the layout.
        answer_call: answers the calls of the layout's AWS clients, which then reach no service; None lets them
            go where ``environment`` leads.

    Raises:
        LayoutError: what the layout did wrong, in the service's wording, with the line of the layout.
        OSError: the files cannot be extracted, or the process cannot be started.
    """
    limits = limits or LayoutLimits()
    with (
        tempfile.TemporaryDirectory(prefix="glueprint-layout-", dir=scratch) as work,
        answered_calls(answer_call) as calls,
    ):
        root, home, temporary = (Path(work, name) for name in ("root", "home", "tmp"))
        for directory in (root, home, temporary):
            directory.mkdir()
        archive.extract(root)
        answer = Path(work, "answer.json")
        stack = Path(work, "stack.txt")
        request = Path(work, "request.json")
        request.write_text(
            json.dumps(
                {
                    "parent": os.getpid(),
                    "root": str(root),
                    "library": str(_LIBRARY),
                    "installed": sorted(ANALYTICS_MODULES),
                    "module": config.layout_module,
                    "function": config.layout_function,
                    "user_params": dict(user_params),
                    "system_params": dict(system_params),
                    "suffix": suffix,
                    "memory_bytes": limits.memory_bytes,
                    "cpu_seconds": math.ceil(limits.seconds) + 1,
                    "stack": str(stack),
                    "answer": str(answer),
                    "answer_bytes": limits.result_bytes + _ANSWER_MARGIN_BYTES,
                    "calls": calls,
                }
            ),
            encoding="utf-8",
        )
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        places = {"HOME": str(home), "TMPDIR": str(temporary), "TZ": "UTC"}
        child = _Child(request, root, stack, {**inherited, **environment, **places}, calls)
        ending = _run_child(child, limits, stop)
        written = answer.read_bytes() if answer.exists() else None
        busy_at = _line_on_stack(stack, root)
    if ending.overrun is not None:
        raise LayoutError(*ending.overrun, where=_source_line(archive, busy_at), output=ending.output)
    return _result(config, archive, ending, written, limits, suffix)


def _run_child(child: _Child, limits: LayoutLimits, stop: Callable[[], bool]) -> _Ending:
    mark = uuid.uuid4().hex
    process = subprocess.Popen(
        [sys.executable, "-I", "-B", "-X", "utf8", str(_CHILD), str(child.request)],
        cwd=child.root,
        env={**child.environment, _MARK: mark},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=() if child.calls is None else (child.calls,),
    )
    try:
        ending = _watch(process, limits, stop)
        if ending.overrun is not None:
            _request_stack(process, child.stack, child.root)
        return ending
    finally:
        kill_with_children(process, f"{_MARK}={mark}")
        if process.stdout is not None:
            process.stdout.close()


def _watch(process: subprocess.Popen[bytes], limits: LayoutLimits, stop: Callable[[], bool]) -> _Ending:
    """Collect the output until the process ends or exceeds a limit."""
    assert process.stdout is not None
    pipe = process.stdout.fileno()
    os.set_blocking(pipe, False)
    deadline = time.monotonic() + limits.seconds
    collected = bytearray()
    overrun: tuple[str, str] | None = None
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while overrun is None:
            # Polled before reading, so that everything written before the end is read below.
            status = process.poll()
            overrun = _drain(pipe, selector, collected, limits)
            if status is not None:
                break
            if time.monotonic() >= deadline:
                overrun = ("TimeoutError", f"the layout did not return within {limits.seconds:g} seconds")
            elif stop():
                overrun = ("InterruptedError", "the layout was stopped from outside")
            elif selector.get_map():
                selector.select(min(_POLL_SECONDS, max(0.0, deadline - time.monotonic())))
            else:
                _wait_briefly(process)
    output = collected[: limits.output_bytes].decode("utf-8", "replace")
    return _Ending(output, overrun=overrun) if overrun else _Ending(output, status=process.returncode)


def _drain(
    pipe: int, selector: selectors.BaseSelector, collected: bytearray, limits: LayoutLimits
) -> tuple[str, str] | None:
    """Read the available output; return an overrun if it is too much."""
    while pipe in selector.get_map():
        try:
            chunk = os.read(pipe, _READ_SIZE)
        except BlockingIOError:
            return None
        if not chunk:
            selector.unregister(pipe)
        collected += chunk
        if len(collected) > limits.output_bytes:
            return "RuntimeError", f"the layout printed more than {limits.output_bytes:,} bytes"
    return None


def _wait_briefly(process: subprocess.Popen[bytes]) -> None:
    """Wait a moment for a process to end."""
    try:
        process.wait(_POLL_SECONDS)
    except subprocess.TimeoutExpired:
        return


def _request_stack(process: subprocess.Popen[bytes], stack: Path, root: Path) -> None:
    """Have the child write its stack, so that the user knows which line did not end; this may take a while."""
    process.send_signal(signal.SIGUSR1)
    deadline = time.monotonic() + _STACK_SECONDS
    while process.poll() is None and _line_on_stack(stack, root) is None and time.monotonic() < deadline:
        _wait_briefly(process)


def _line_on_stack(stack: Path, root: Path) -> tuple[str, int] | None:
    """File and line of the innermost frame that is the layout's, from what faulthandler wrote."""
    text = stack.read_text(encoding="utf-8", errors="replace") if stack.exists() else ""
    inside = re.compile(rf'File "{re.escape(str(root.resolve()))}/(.+)", line (\d+) in ')
    found = inside.search(text)
    return (found[1], int(found[2])) if found else None


def _result(
    config: BlueprintConfig,
    archive: Archive,
    ending: _Ending,
    written: bytes | None,
    limits: LayoutLimits,
    suffix: str,
) -> LayoutResult:
    if written is None:
        raise LayoutError("SystemExit", _exit_text(ending.status), output=ending.output)
    answer = json.loads(written)
    if "too_large" in answer:
        size = f"{answer['too_large']:,} bytes; at most {limits.result_bytes:,} are accepted"
        raise LayoutError(
            "ValueError", f"the workflow that the layout returned is {size}", output=ending.output
        )
    if "error" in answer:
        raise _error(config, archive, answer["error"], ending.output)
    requests, changed = requests_of(answer["library_json"])
    dropped = tuple(_dropped(archive, warning) for warning in answer["warnings"])
    warnings = (*dropped, *_imports_from_zip(answer["zip_imports"]), *changed)
    return LayoutResult(requests, warnings, ending.output, dict(_places(answer["places"], suffix)))


def _exit_text(status: int | None) -> str:
    if status is not None and status < 0:
        name = signal.Signals(-status).name
        reason = " (out of processor time)" if -status == signal.SIGXCPU else ""
        return f"the layout's process was ended by {name}{reason} before the layout returned"
    return (
        f"the layout ended its own process with status {status} (os._exit?) instead of returning a Workflow"
    )


def _source_line(archive: Archive, found: tuple[str, int] | None) -> tuple[str, int] | None:
    """Return the line of the source that a bundled file's line was written from; else the line as it is."""
    if found is None:
        return None
    return origin_of(read_map(archive.files.get(found[0], b"")), found[1]) or found


def _places(
    places: list[dict[str, Any]], suffix: str
) -> Iterator[tuple[tuple[str, str], tuple[str, int]]]:
    for place in places:
        name = place["name"] if place["kind"] == "Workflow" else f"{place['name']}_{suffix}"
        yield (place["kind"], name), (place["path"], place["line"])


def _dropped(archive: Archive, warning: dict[str, Any]) -> Finding:
    path, line = warning["path"], warning["line"]
    if line is not None:
        path, line = _source_line(archive, (path, line)) or (path, line)
    place = Place(path, line, warning["entity"], warning["member"])
    return layout_warning("value-dropped", place, warning["message"])


def _imports_from_zip(names: list[str]) -> list[Finding]:
    message = "was imported from the zip; users report that Glue itself finds only the layout's own module"
    own = [name for name in names if name.rpartition(".")[0] not in names]
    places = (Place(subject="Layout", member=f"module {name}") for name in own)
    return [layout_warning("module-of-zip", place, message) for place in places]


def _error(config: BlueprintConfig, archive: Archive, error: dict[str, Any], output: str) -> LayoutError:
    frames = error["frames"]
    where = _source_line(archive, (frames[-1]["file"], frames[-1]["line"])) if frames else None
    hint = _hint(config, archive, error["type"], frames)
    return LayoutError(error["type"], error["text"], where=where, hint=hint, output=output)


def _hint(config: BlueprintConfig, archive: Archive, kind: str, frames: list[Any]) -> str | None:
    generator = f"layoutGenerator is {config.layout_generator}"
    if kind == "ModuleNotFoundError" and not frames:
        modules = sorted(name for name in archive.files if name.endswith(".py"))
        return f"{generator}, so {config.layout_file} is required; the zip has: {', '.join(modules) or 'no .py'}"
    if kind == "ModuleNotFoundError":
        return "A layout can import the standard library, boto3, botocore, awsglue.blueprint and files of its zip"
    if kind == "AttributeError" and not frames:
        return f"{generator}; check that the function is there and what it returns"
    if kind == "SystemExit":
        return "A layout must return its Workflow, and raise an exception to refuse"
    if kind == "MemoryError":
        return "The memory of a layout is limited"
    return None
