"""CloudWatch Logs over files: processes write plain text, this room serves it as events.

A writer needs only :func:`prepare_log`. :class:`Logs` answers the four reading operations; times of lines, which a
plain file does not have, are kept beside the files (:mod:`timeline`), so that an event once seen never changes.
"""

from glueprint.local.logs.layout import log_path, prepare_log
from glueprint.local.logs.operations import Logs, logs_service

__all__ = ["Logs", "log_path", "logs_service", "prepare_log"]
