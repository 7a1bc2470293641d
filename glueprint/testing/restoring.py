"""Restoring what a script that ran in this process has changed."""

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
"""Directories of installed modules, which stay loaded: some can be loaded only once. A project's directory may
contain its virtual environment.
"""


@contextlib.contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Replace the environment variables, and restore them on exit."""
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
    """Set the arguments, with their script's directory first on the module path; on exit, restore arguments,
    working directory, module path and modules.

    Modules from the script's directory, or from one that the script put on the module path, are unloaded: the next
    script may have modules of the same names.
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
    """Remove new global temporary views on exit; those of a session end with it."""
    java: Any = session._jsparkSession
    manager = java.sharedState().globalTempViewManager()
    before = _names_in(manager)
    try:
        yield
    finally:
        for name in _names_in(manager) - before:
            manager.remove(name)


def forget_tables(session: SparkSession) -> None:
    """Empty Spark's own catalog (databases, tables and their files), as Spark does between its own tests."""
    java: Any = session.newSession()._jsparkSession
    java.sessionState().catalog().reset()


def _is_under(module: Any, folders: Sequence[str]) -> bool:
    """Return whether a module, or a package without a file, is in one of ``folders``."""
    places = [getattr(module, "__file__", None), *getattr(module, "__path__", ())]
    return any(os.path.abspath(place).startswith(f"{one}{os.sep}") for place in places if place for one in folders)


def _names_in(manager: Any) -> set[str]:
    names = manager.listViewNames("*")
    return {names.apply(number) for number in range(names.size())}
