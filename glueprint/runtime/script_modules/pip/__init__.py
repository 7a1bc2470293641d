"""pip for a job's script: the real one, except that Glueprint's own Python is not changed.

``PIP_TARGET`` of the run's environment is the folder for modules, which pip does not combine with ``--user``; and
``pip uninstall`` knows no folder at all. Code inside a job's process tree: Python 3.9 syntax, no imports of
Glueprint.
"""

import importlib.machinery
import os
import sys

_SHIM = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def _adapt(arguments: "list[str]") -> "list[str]":
    """Return pip's arguments for a run: without ``--user``; ``uninstall`` ends here."""
    command = next((one for one in arguments if not one.startswith("-")), "")
    if command == "uninstall" and "PIP_TARGET" in os.environ:
        sys.stderr.write("glueprint: pip uninstall has no effect: modules that are part of Glueprint stay\n")
        sys.exit(0)
    if command != "install":
        return arguments
    own_target = any(one == "-t" or one.startswith("--target") for one in arguments)
    # Without it, pip leaves what is in the folder already, and only warns.
    return [one for one in arguments if one != "--user"] + ([] if own_target else ["--upgrade"])


_elsewhere = [path for path in sys.path if os.path.abspath(path) != _SHIM]
_spec = importlib.machinery.PathFinder.find_spec("pip", _elsewhere)
if _spec is None or _spec.origin is None:
    raise ModuleNotFoundError("No module named 'pip'", name="pip")
sys.argv[1:] = _adapt(sys.argv[1:])
__path__ = list(_spec.submodule_search_locations or ())
__file__ = _spec.origin
with open(__file__, encoding="utf-8") as _file:
    exec(compile(_file.read(), __file__, "exec"))
