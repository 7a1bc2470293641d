"""The process that a layout runs in.

`layout_process` starts this file as ``python -I layout_child.py REQUEST GATE MODULE``. It imports nothing of
Glueprint: a layout must find only what it finds in Glue. It imports MODULE, if one is named, while its parent
still prepares the request, and reads the request when a byte arrives at the descriptor GATE. If several runs are
requested, it copies itself (fork) for each after the first. The answer to a run is one JSON file that a rename
puts in place, so that it is complete or absent; standard output belongs to the layout.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import importlib
import importlib.abc
import importlib.machinery
import json
import os
import select
import signal
import sys
import traceback
import types
import warnings
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TextIO

_PARENT_DEATH_SIGNAL = 1
"""Linux, ``prctl(2)``: PR_SET_PDEATHSIG."""


class LayoutImports(importlib.abc.MetaPathFinder):
    """Lets a layout import what Glue provides, and the files of its zip; hides the rest of this installation."""

    def __init__(self, root: str, installed: frozenset[str]) -> None:
        self._root = root
        self._allowed = installed | sys.stdlib_module_names

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return None for modules that are found as usual; for other top-level names, search only the zip."""
        if path is not None or name in self._allowed or not self._importer_is_in_zip():
            return None
        places = [place for place in map(os.path.realpath, sys.path) if self.in_zip(place)]
        spec = importlib.machinery.PathFinder.find_spec(name, places)
        if spec is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return spec

    def _importer_is_in_zip(self) -> bool:
        """Whether the import statement is in the zip's code: what Glue provides imports whatever it needs."""
        frame: types.FrameType | None = sys._getframe(1)
        while frame is not None:
            file = frame.f_code.co_filename
            if file != __file__ and not file.startswith("<frozen"):
                return self.in_zip(os.path.realpath(file))
            frame = frame.f_back
        return True

    def in_zip(self, path: str) -> bool:
        """Whether ``path`` is in the directory that the zip was extracted to."""
        return path == self._root or path.startswith(self._root + os.sep)


class DropRecorder:
    """Collects the warnings about what the layout library drops; other warnings are printed as usual."""

    def __init__(self, imports: LayoutImports, drop: type[Warning]) -> None:
        self.found: list[dict[str, Any]] = []
        self._imports = imports
        self._drop = drop
        self._print = warnings.showwarning
        warnings.simplefilter("always", drop)
        warnings.showwarning = self._show

    def _show(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if not isinstance(message, self._drop):
            self._print(message, category, filename, lineno, file, line)
            return
        drop: Any = message
        where = os.path.realpath(filename)
        path, found = (os.path.relpath(where), lineno) if self._imports.in_zip(where) else ("", None)
        self.found.append(
            {"entity": drop.entity, "member": drop.member, "message": drop.message, "path": path, "line": found}
        )


def import_ahead(module: str, gate: int) -> None:
    """Import a module that a layout will need; of boto3 also the models of S3 and Glue, which the default session
    keeps, as long as the parent is not ready."""
    loaded = importlib.import_module(module)
    if module != "boto3":
        return
    for service in ("s3", "glue"):
        if select.select([gate], [], [], 0)[0]:
            return
        with contextlib.suppress(Exception):  # the layout's own client shows what is wrong
            loaded.client(service, region_name="us-east-1", aws_access_key_id="-", aws_secret_access_key="-")


def main(request_path: str, gate: int, module: str) -> NoReturn:
    """Answer the request in the file at ``request_path`` and end this process, whatever threads still run."""
    if module:
        import_ahead(module, gate)
    if not os.read(gate, 1):
        os._exit(1)  # the parent has no request, or has gone
    os.close(gate)
    with open(request_path, encoding="utf-8") as file:
        request = json.load(file)
    die_with(request["parent"])
    run, copies = copied(request["runs"])
    me = os.getpid()
    faulthandler.register(signal.SIGUSR1, file=open(run["stack"], "w"), all_threads=False)  # noqa: SIM115
    limit_resources(request["memory_bytes"], request["cpu_seconds"])
    root = os.path.realpath(run["root"])
    os.chdir(root)
    sys.path.insert(0, root)
    sys.argv[:] = [""]
    mount_library(request["library"])
    imports = LayoutImports(root, frozenset(request["installed"]))
    sys.meta_path.insert(0, imports)
    base = importlib.import_module("awsglue.blueprint.base_resource")
    drops = DropRecorder(imports, base.LayoutDrop)
    if run["calls"] is not None:
        divert_calls(run["calls"])

    answer: dict[str, Any]
    try:
        answer = {"library_json": generate(request)}
    except BaseException as error:  # noqa: BLE001 - whatever a layout raises, SystemExit too, is the answer
        answer = {"error": described(error, imports)}
    answer["warnings"] = drops.found
    answer["places"] = places_of(base.PLACES, imports)
    answer["zip_imports"] = zip_imports(imports, request["module"])
    if os.getpid() != me:
        # The layout forked, and this copy returned, too: only the original answers.
        os._exit(0)
    try:
        text = json.dumps(answer, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        where = not_json(answer.pop("library_json"), "the workflow", set()) or str(error)
        answer["error"] = {"type": type(error).__name__, "text": where, "frames": []}
        text = json.dumps(answer)
    sys.stdout.flush()
    sys.stderr.flush()
    write_atomically(run["answer"], text, request["answer_bytes"])
    for copy in copies:
        with contextlib.suppress(ChildProcessError):  # the layout has waited for it
            os.waitpid(copy, 0)
    os._exit(0)


def copied(runs: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], list[int]]:
    """Copy this process for each run but the first; return this process's run, and its copies' ids.

    What a copy prints is dropped.
    """
    copies = []
    original = os.getpid()
    for run in runs[1:]:
        copy = os.fork()
        if copy:
            copies.append(copy)
            continue
        die_with(original)
        os.environ.update(HOME=run["home"], TMPDIR=run["tmp"])
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        return run, []
    return runs[0], copies


def die_with(parent: int) -> None:
    """End this process when its parent process ends, if the system supports it (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def limit_resources(memory_bytes: int, cpu_seconds: int) -> None:
    """Limit address space and processor time, if the system supports it."""
    try:
        import resource
    except ImportError:
        return
    # The soft limit of processor time sends SIGXCPU, so that the reason is known; the hard one sends SIGKILL.
    limits = (
        (resource.RLIMIT_AS, (memory_bytes, memory_bytes)),
        (resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1)),
    )
    for kind, limit in limits:
        try:
            resource.setrlimit(kind, limit)
        except (ValueError, OSError):
            # macOS refuses RLIMIT_AS; a stricter existing limit is kept.
            continue


def mount_library(directory: str) -> None:
    """Make ``awsglue`` a package that contains only ``blueprint``, whatever is installed under that name."""
    awsglue = types.ModuleType("awsglue")
    awsglue.__path__ = []
    blueprint = types.ModuleType("awsglue.blueprint")
    blueprint.__path__ = [directory]
    awsglue.blueprint = blueprint  # type: ignore[attr-defined]
    sys.modules["awsglue"] = awsglue
    sys.modules["awsglue.blueprint"] = blueprint


def generate(request: Mapping[str, Any]) -> dict[str, Any]:
    """Import the layout, call it, and have the library write the requests."""
    module = importlib.import_module(request["module"])
    function = getattr(module, request["function"])
    workflow = function(request["user_params"], request["system_params"])
    expected = importlib.import_module("awsglue.blueprint.workflow").Workflow
    if not isinstance(workflow, expected):
        raise TypeError(
            f"{request['function']} returned {type(workflow).__name__}, "
            "wants a Workflow of awsglue.blueprint.workflow"
        )
    written: dict[str, Any] = workflow.to_json(request["suffix"])
    return written


def divert_calls(socket_fd: int) -> None:
    """Have the parent process answer every call of an AWS client, from here on."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "layout_calls.py")
    loader = importlib.machinery.SourceFileLoader("_glueprint_layout_calls", path)
    module = types.ModuleType(loader.name)
    loader.exec_module(module)
    module.divert(socket_fd)


def places_of(made: Sequence[tuple[Any, str, int]], imports: LayoutImports) -> list[dict[str, Any]]:
    """Kind, name, file and line of every resource that was made in the zip's code."""
    places = []
    for resource, file, line in made:
        path = os.path.realpath(file)
        name = vars(resource).get("Name")
        if isinstance(name, str) and imports.in_zip(path):
            places.append(
                {
                    "kind": type(resource).__name__,
                    "name": name,
                    "path": os.path.relpath(path, imports._root),
                    "line": line,
                }
            )
    return places


def described(error: BaseException, imports: LayoutImports) -> dict[str, Any]:
    """Type, text and the lines of the layout that an exception came through, innermost last."""
    try:
        text = str(error)
    except Exception as unprintable:  # noqa: BLE001 - an exception whose own __str__ raises
        text = f"<its text cannot be made: {type(unprintable).__name__}>"
    frames = [
        (os.path.realpath(frame.filename), frame.lineno, frame.line)
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((os.path.realpath(error.filename), error.lineno, (error.text or "").strip()))
    return {
        "type": type(error).__name__,
        "text": text,
        "frames": [
            {"file": os.path.relpath(path, imports._root), "line": line, "source": source}
            for path, line, source in frames
            # "<frozen ...>" and similar names have no file, and would look like names in the working directory.
            if imports.in_zip(path) and os.path.isfile(path)
        ],
    }


def zip_imports(imports: LayoutImports, layout: str) -> list[str]:
    """Modules other than the layout that were imported from the zip."""
    files = [
        (name, getattr(module, "__file__", None)) for name, module in list(sys.modules.items()) if name != layout
    ]
    return sorted(name for name, path in files if isinstance(path, str) and imports.in_zip(os.path.realpath(path)))


def not_json(value: Any, path: str, above: set[int]) -> str | None:
    """Return the first part of ``value`` that JSON cannot represent, and its place."""
    if isinstance(value, (dict, list, tuple)):
        if id(value) in above:
            return f"{path} contains itself"
        items = value.items() if isinstance(value, dict) else enumerate(value)
        found = (not_json(item, f"{path}[{key!r}]", above | {id(value)}) for key, item in items)
        return next(filter(None, found), None)
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return f"{path} is {value!r} ({type(value).__name__}), which JSON cannot represent"
    return None


def write_atomically(path: str, text: str, limit: int) -> None:
    """Write ``text`` to ``path`` atomically; only its size if it is more than ``limit`` bytes."""
    data = text.encode("utf-8")
    if len(data) > limit:
        data = json.dumps({"too_large": len(data)}).encode("ascii")
    with open(path + ".part", "wb") as file:
        file.write(data)
    os.replace(path + ".part", path)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
