"""What is loaded inside a job's process runs on each Python that Glue has: 3.9 (Python shell) to 3.13 (Glue 6.0).

Here is what can be checked within seconds.
"""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = (
    *("glueprint/__init__.py", "glueprint/compat.py", "glueprint/dqdl", "glueprint/facts"),
    *("glueprint/runtime/__init__.py", "glueprint/runtime/s3objects.py"),
    *(
        f"glueprint/runtime/{room}"
        for room in (
            *("bookmarks", "frames", "jobhost", "quality", "script_modules", "shared"),
            *("shell_modules", "spark_modules", "sparksql", "standin", "storage"),
        )
    ),
)
"""What a job's process loads."""
OLDEST = (3, 9)
PYTHONS = ("3.9", "3.10", "3.12", "3.13")
"""All other tests run on 3.11 or 3.13."""

PROVIDED = {
    "glueprint/facts": {"botocore"},
    "glueprint/runtime/s3objects.py": {"boto3", "botocore"},
    "glueprint/runtime/shared": {"botocore"},
    "glueprint/runtime/spark_modules": {"awsglue", "pyspark"},
    **{
        f"glueprint/runtime/{room}": {"boto3", "botocore", "py4j", "pyspark"}
        for room in ("bookmarks", "frames", "quality", "sparksql", "standin", "storage")
    },
}
"""Packages that a room may import when it is loaded: every runtime that loads the room has them. The others are
imported where they are used (docs/architecture.md): fastavro, psutil, pandas, and Spark in the job host."""

LOAD = """
import importlib, json, sys
found = json.load(sys.stdin)
sys.path.insert(0, found["root"])
sys.dont_write_bytecode = True
loaded, missing = [], []
for name, path in found["modules"].items():
    try:
        importlib.import_module(name)
        loaded.append(name)
    except ModuleNotFoundError as error:
        if error.name.partition(".")[0] not in found["packages"]:
            raise
        with open(path, encoding="utf-8") as file:
            compile(file.read(), path, "exec")
        missing.append(name)
print(json.dumps([sys.version_info[:2], loaded, missing]))
"""


def modules() -> dict[str, Path]:
    """The modules of the rooms by name, without the script modules, which are for pip's name."""
    found = {}
    for room in ROOMS:
        top = ROOT / room
        for path in [top] if top.is_file() else sorted(top.rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def interpreter(version: str) -> str | None:
    """A Python of this minor version, or None."""
    candidates = [*Path.home().glob(f".pyenv/versions/{version}.*/bin/python"), shutil.which(f"python{version}")]
    for one in candidates:
        if one and subprocess.run([one, "-c", ""], capture_output=True, check=False).returncode == 0:
            return str(one)
    return sys.executable if version == f"{sys.version_info[0]}.{sys.version_info[1]}" else None


def test_the_job_side_uses_what_python_3_9_has() -> None:
    """Syntax, and members and parameters of the standard library that vermin knows to be newer."""
    for path in modules().values():
        ast.parse(path.read_text(encoding="utf-8"), str(path), feature_version=OLDEST)
    paths = [str(ROOT / room) for room in ROOMS if room != "glueprint/compat.py"]
    vermin = [sys.executable, "-c", "import vermin; vermin.main()"]
    options = ["--quiet", "--violations", "--no-parse-comments", "--target=3.9-"]
    checked = subprocess.run([*vermin, *options, *paths], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


def _unions(node: ast.AST) -> Iterator[ast.BinOp]:
    """``A | B`` where a type is meant and the code runs: in subscripts, isinstance, and aliases of classes."""
    for child in ast.iter_child_nodes(node):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and child is node.returns:
            continue
        if isinstance(node, (ast.AnnAssign, ast.arg)) and child is node.annotation:
            continue
        parts: list[ast.expr] = []
        if isinstance(child, ast.Subscript):
            parts = [child.slice]
        elif isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id == "isinstance":
            parts = child.args[1:]
        for part in parts:
            inner = (one for one in ast.walk(part) if isinstance(one, ast.BinOp))
            yield from (one for one in inner if isinstance(one.op, ast.BitOr))
        yield from _unions(child)


def test_the_job_side_has_no_unions_that_python_3_9_evaluates() -> None:
    """``A | B`` of types works in annotations only, which are not evaluated; vermin does not see the others."""
    found = [
        f"{path.relative_to(ROOT)}:{one.lineno}"
        for path in modules().values()
        for one in _unions(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


@pytest.mark.parametrize("version", PYTHONS)
def test_the_job_side_loads_in_each_python(version: str) -> None:
    """Every module compiles; those that need nothing but the standard library are imported, by an interpreter
    without packages.
    """
    python = interpreter(version)
    if python is None:
        pytest.skip(f"there is no Python {version} on this machine")
    given = {
        "root": str(ROOT),
        "modules": {name: str(path) for name, path in modules().items() if ".script_modules." not in name},
        "packages": sorted(set[str]().union(*PROVIDED.values())),
    }
    command = [python, "-I", "-S", "-W", "error", "-c", LOAD]
    loading = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=False)
    assert loading.returncode == 0, loading.stderr
    found, loaded, missing = json.loads(loading.stdout)
    assert f"{found[0]}.{found[1]}" == version
    assert not [name for name in missing if ".jobhost" in name or ".dqdl" in name]
    assert {"glueprint.runtime.jobhost.shell", "glueprint.runtime.shell_modules.awsglue.utils"} <= set(loaded)


def _imported(body: list[ast.stmt]) -> Iterator[str]:
    """Packages that are imported when a module is loaded."""
    for statement in body:
        if isinstance(statement, ast.Import):
            yield from (one.name for one in statement.names)
        elif isinstance(statement, ast.ImportFrom):
            yield statement.module or ""
        elif isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING":
            yield from _imported(statement.orelse)
        elif isinstance(statement, (ast.If, ast.Try, ast.ClassDef)):
            yield from _imported([*statement.body, *getattr(statement, "orelse", [])])


def test_the_job_side_imports_what_its_runtimes_have() -> None:
    """A Python shell job with ``library-set=none`` has boto3 alone; Spark jobs have what Glue provides."""
    found = []
    for path in modules().values():
        name = path.relative_to(ROOT).as_posix()
        allowed = next((packages for room, packages in PROVIDED.items() if name.startswith(room)), set())
        body = ast.parse(path.read_text(encoding="utf-8")).body
        packages = {one.partition(".")[0] for one in _imported(body)}
        others = packages - {*sys.stdlib_module_names, "glueprint", *allowed}
        found += [f"{name} imports {package}" for package in sorted(others)]
    assert found == []


@pytest.mark.parametrize("room", ROOMS)
def test_ruff_offers_no_newer_syntax(room: str) -> None:
    """``per-file-target-version`` in pyproject.toml names each of the rooms."""
    name = room if room.endswith(".py") else f"{room}/module.py"
    ruff = [Path(sys.executable).with_name("ruff"), "check", "--output-format", "concise"]
    source, options = "match 1:\n    case _:\n        pass\n", ["--stdin-filename", name, "-"]
    command = [*ruff, *options]
    checked = subprocess.run(command, input=source, capture_output=True, text=True, cwd=ROOT, check=False)
    assert "`match` statement on Python 3.9" in checked.stdout
