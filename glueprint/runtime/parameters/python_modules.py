"""``--additional-python-modules`` and ``--python-modules-installer-option``: what pip installs before the script.

An entry is a requirement (``scikit-learn==0.21.3``), a wheel in S3, with ``-r`` a requirements file in S3, or an
archive of wheels (``*.gluewheels.zip``). A Python shell job accepts no S3 paths; in it, pip's options are part of
an entry: ``scikit-learn==0.21.3 -i URL`` (DG:aws-glue-programming-python-libraries, DG:add-job-python).
"""

from __future__ import annotations

import hashlib
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from glueprint.runtime.parameters.arguments import PYTHON_SHELL, RunArguments, split_list
from glueprint.runtime.parameters.s3_files import has_s3_scheme, is_object

PARAMETER, OPTION = "--additional-python-modules", "--python-modules-installer-option"
_WHEELS = ".gluewheels.zip"
_REQUIREMENT = re.compile(r"https?://\S+|[A-Za-z0-9][A-Za-z0-9._-]*\s*(\[[^\]]*\])?\s*([<>=!~@ ].*)?")
_PINNED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\[\]-]*\s*===?\s*[A-Za-z0-9._+!-]+")


@dataclass(frozen=True, slots=True)
class PythonModules:
    """What pip installs.

    ``requirements`` as pip takes them; ``wheels``, ``wheel_archives`` and ``requirement_files`` are local files.
    """

    requirements: tuple[str, ...] = ()
    wheels: tuple[Path, ...] = ()
    wheel_archives: tuple[Path, ...] = ()
    requirement_files: tuple[Path, ...] = ()
    options: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.requirements or self.wheels or self.wheel_archives or self.requirement_files)

    @property
    def cache_key(self) -> str | None:
        """Return a key for what would be installed, so that it can be used again; None if it may change.

        Only wheels and pinned versions are certain, though what these ask for in turn may still move: AWS says the
        same of its own installations (DG:aws-glue-programming-python-libraries).
        """
        if self.requirement_files or not all(_PINNED.fullmatch(one) for one in self.requirements):
            return None
        digest = hashlib.sha256(repr((sys.version_info[:2], self.requirements, self.options)).encode())
        for file in (*self.wheels, *self.wheel_archives):
            digest.update(file.name.encode() + hashlib.sha256(file.read_bytes()).digest())
        return digest.hexdigest()[:32]


def python_modules(run: RunArguments) -> PythonModules:
    """Return what pip installs for the run."""
    requirements: list[str] = []
    options = _words(run.value(OPTION)) if run.command != PYTHON_SHELL else []
    takes_list = "-r" in options
    files: list[Path] = []
    for entry in split_list(run.value(PARAMETER)):
        if is_object(entry):
            files += [run.fetched[entry]] if entry in run.fetched else []
            continue
        requirement, own = _parts(entry)
        requirements.append(requirement)
        options += own
    return PythonModules(
        requirements=tuple(requirements),
        wheels=tuple(file for file in files if file.suffix == ".whl"),
        wheel_archives=tuple(file for file in files if file.name.endswith(_WHEELS)),
        requirement_files=tuple(file for file in files if takes_list and file.suffix not in (".whl", ".zip")),
        options=tuple(option for option in options if option != "-r"),
    )


def problems(run: RunArguments) -> Iterator[str]:
    """Return the problems: entries that pip cannot read, and S3 paths of other files than wheels."""
    takes_list = "-r" in _words(run.value(OPTION))
    for entry in split_list(run.value(PARAMETER)):
        if has_s3_scheme(entry):
            yield from _path_problems(entry, is_shell=run.command == PYTHON_SHELL, takes_list=takes_list)
        elif not _REQUIREMENT.fullmatch(_parts(entry)[0]):
            yield (
                f"{PARAMETER}: {entry!r} is not a module; commas separate modules, so a range of versions cannot "
                "contain one"
            )


def notes(run: RunArguments) -> Iterator[str]:
    """Return notes about what has no effect, as on AWS."""
    if run.command == PYTHON_SHELL and run.value(OPTION):
        yield f"{OPTION} has no effect in Python shell jobs: write pip's options after the module's name."


def _path_problems(path: str, *, is_shell: bool, takes_list: bool) -> Iterator[str]:
    if is_shell:
        yield f"{PARAMETER}: {path}: Python shell jobs accept no S3 paths here; name wheels in --extra-py-files"
    elif not is_object(path):
        yield f"{PARAMETER}: {path!r} is not the S3 path of a file (s3://bucket/key)"
    elif not takes_list and not path.endswith((".whl", _WHEELS)):
        yield f"{PARAMETER}: {path}: is neither a .whl nor a {_WHEELS}; a requirements file needs {OPTION} -r"


def _parts(entry: str) -> tuple[str, list[str]]:
    """Return the requirement of an entry, and the options of pip that follow it."""
    words = _words(entry)
    first = next((position for position, word in enumerate(words) if word.startswith("-")), len(words))
    return " ".join(words[:first]), words[first:]


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:  # a quote that is not closed: pip's own error is clearer
        return text.split()
