"""Runs a blueprint's layout in a child process and returns the Create* requests that it describes.

This limits accidents (endless loops, output, memory, exits, child processes). It is **not a sandbox**: a layout is
Python and can do whatever the user who runs it can do. The child finds the directory of its zip, an ``awsglue``
that contains only ``blueprint``, the standard library and boto3, and only the environment variables that it is
given.
"""

from __future__ import annotations

import json
import math
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from glueprint.blueprint.archive import Archive
from glueprint.blueprint.aws_calls import AnswerCall
from glueprint.blueprint.config import BlueprintConfig
from glueprint.blueprint.layout_process import TIMEOUT, Ending, LayoutLimits, LayoutProcess
from glueprint.blueprint.layout_result import (
    LayoutError,
    LayoutRequests,
    LayoutResult,
    layout_warning,
    requests_of,
)
from glueprint.facts.findings import Finding, Place
from glueprint.facts.glue_python import ANALYTICS_MODULES
from glueprint.facts.source_lines import origin_of, read_map

__all__ = [
    "LayoutError",
    "LayoutLimits",
    "LayoutProcess",
    "LayoutRequests",
    "LayoutResult",
    "run_layout",
    "run_layout_for_each",
]

_LIBRARY = Path(__file__).with_name("layout_library")
_ANSWER_MARGIN_BYTES = 10 * 1024


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
    with LayoutProcess(environment, scratch) as process:
        (found,) = _outcomes(
            process, archive, config, user_params, system_params, suffix, [answer_call], limits, stop
        )
    if isinstance(found, LayoutError):
        raise found
    return found


def run_layout_for_each(
    process: LayoutProcess,
    archive: Archive,
    config: BlueprintConfig,
    user_params: Mapping[str, Any],
    system_params: Mapping[str, str],
    *,
    suffix: str,
    answer_calls: Sequence[AnswerCall],
) -> list[LayoutResult | LayoutError]:
    """Call the layout function at once for each of several accounts, whose calls ``answer_calls`` answer.

    Args:
        process: started for at least this number of runs; it is used up.
        archive: the blueprint's files.
        config: names module and function.
        user_params: values by parameter name.
        system_params: ``region`` and ``accountId``.
        suffix: goes to the end of the names of jobs and crawlers.
        answer_calls: who answers in each account.

    Returns:
        What each run returned, or did wrong. Only the first one's output is known.
    """
    return _outcomes(process, archive, config, user_params, system_params, suffix, answer_calls, None, _never)


def _outcomes(
    process: LayoutProcess,
    archive: Archive,
    config: BlueprintConfig,
    user_params: Mapping[str, Any],
    system_params: Mapping[str, str],
    suffix: str,
    answer_calls: Sequence[AnswerCall | None],
    limits: LayoutLimits | None,
    stop: Callable[[], bool],
) -> list[LayoutResult | LayoutError]:
    limits = limits or LayoutLimits()
    for root, _ in zip(process.roots, answer_calls, strict=False):
        archive.extract(root)
    request = {
        "library": str(_LIBRARY),
        "installed": sorted(ANALYTICS_MODULES),
        "module": config.layout_module,
        "function": config.layout_function,
        "user_params": dict(user_params),
        "system_params": dict(system_params),
        "suffix": suffix,
        "memory_bytes": limits.memory_bytes,
        "cpu_seconds": math.ceil(limits.seconds) + 1,
        "answer_bytes": limits.result_bytes + _ANSWER_MARGIN_BYTES,
    }
    ending = process.run(request, answer_calls, limits, stop)
    found: list[LayoutResult | LayoutError] = []
    for written in ending.answers:
        try:
            found.append(_outcome(config, archive, ending, written, limits, suffix))
        except LayoutError as error:
            found.append(error)
    return found


def _outcome(
    config: BlueprintConfig,
    archive: Archive,
    ending: Ending,
    written: bytes | None,
    limits: LayoutLimits,
    suffix: str,
) -> LayoutResult:
    # Of several runs, one that has answered does not fail because another one takes too long.
    has_answered = written is not None and len(ending.answers) > 1
    if ending.overrun is not None and not (has_answered and ending.overrun[0] == TIMEOUT):
        raise LayoutError(*ending.overrun, where=_source_line(archive, ending.busy_at), output=ending.output)
    return _result(config, archive, ending, written, limits, suffix)


def _result(
    config: BlueprintConfig,
    archive: Archive,
    ending: Ending,
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
