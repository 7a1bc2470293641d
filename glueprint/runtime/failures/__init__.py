"""Explains why a run failed, in addition to Glue's own short message. Server side.

Pure functions over an :class:`Ending`: the exit status, the program's own error message, the end of its error log.
``causes`` has the failures that are recognised, and ``explanation``, which returns the first that fits; ``ending``
has :class:`Ending` and ``summary``, the line of figures for each run.
"""

from glueprint.runtime.failures.causes import explanation
from glueprint.runtime.failures.ending import Ending, summary

__all__ = ["Ending", "explanation", "summary"]
