"""CloudWatch Logs over files: processes write plain text, this room serves it as events.

* In: the files that processes write; a writer needs only :func:`prepare_log`.
* Out: the reading operations of CloudWatch Logs (:class:`Logs`), and those on groups (``groups``).

The times of lines, which a plain file does not have, are kept next to the files (:mod:`timeline`), so that an
event never changes after it was returned once. ``layout`` maps groups and streams to files, ``filters`` compiles
filter patterns, ``tokens`` are the paging tokens.
"""

from glueprint.local.logs.layout import log_path, prepare_log
from glueprint.local.logs.operations import Logs
from glueprint.local.logs.service import logs_service

__all__ = ["Logs", "log_path", "logs_service", "prepare_log"]
