"""Why a run failed, in words: what a person is told beside Glue's own short message.

Pure functions over an :class:`Ending`: exit, the program's own word, the end of its error log. ``explain`` asks
each kind in turn; ``memory``, ``permissions`` and ``surroundings`` know one kind each. ``summary`` is the line of
figures.
"""

from glueprint.runtime.results.ending import Ending
from glueprint.runtime.results.explain import explanation
from glueprint.runtime.results.summary import summary

__all__ = ["Ending", "explanation", "summary"]
