"""What a script that ran in this process has changed, put back."""

from __future__ import annotations

import contextlib
import os
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_INSTALLED = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
"""Where modules are that no run may take away: some of them can be loaded once only. A project's folder may hold
its virtual environment.
"""


@contextlib.contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Just these environment variables; afterwards those from before."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def process_state(argv: list[str]) -> Iterator[None]:
    """These arguments, and the folder of their script first on the module path; afterwards arguments, directory,
    module path and modules from before.

    Modules go that came from the script's folder, or from one that the script put on the module path: those of the
    next script may have the same names.
    """
    arguments, directory, path, modules = sys.argv, os.getcwd(), list(sys.path), set(sys.modules)
    folder = str(Path(argv[0]).parent)
    sys.argv = argv
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        folders = [os.path.abspath(entry) for entry in {folder, *(set(sys.path) - set(path))}]
        sys.argv = arguments
        os.chdir(directory)
        sys.path[:] = path
        for name in set(sys.modules) - modules:
            if _is_under(sys.modules[name], folders) and not _is_under(sys.modules[name], _INSTALLED):
                del sys.modules[name]


@contextlib.contextmanager
def global_views(session: SparkSession) -> Iterator[None]:
    """Afterwards only the global temporary views from before; those of a session go with it."""
    java: Any = session._jsparkSession
    manager = java.sharedState().globalTempViewManager()
    before = _names_in(manager)
    try:
        yield
    finally:
        for name in _names_in(manager) - before:
            manager.remove(name)


def forget_tables(session: SparkSession) -> None:
    """Empty Spark's own catalog, as Spark does between its own tests: databases, tables with their files."""
    java: Any = session.newSession()._jsparkSession
    java.sessionState().catalog().reset()


def _is_under(module: Any, folders: Sequence[str]) -> bool:
    """Whether a module, or a package without a file of its own, lies in one of ``folders``."""
    places = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
    return any(os.path.abspath(place).startswith(f"{one}{os.sep}") for place in places if place for one in folders)


def _names_in(manager: Any) -> set[str]:
    names = manager.listViewNames("*")
    return {names.apply(number) for number in range(names.size())}
