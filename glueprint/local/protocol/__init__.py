"""AWS's JSON 1.1 protocol, driven by botocore's service models.

* ``operations``: :class:`Declare` makes methods the operations of a service, with the place where each runs.
* ``service``: :class:`JsonService`, the ASGI application that serves the operations of one service.
* ``requests``: JSON bodies, checked against the service model. ``serialize``: answers. ``errors``:
:class:`ApiError`.
"""

from glueprint.local.protocol.errors import ApiError
from glueprint.local.protocol.operations import Context, Declare, Operation, Runs
from glueprint.local.protocol.service import JsonService, json_response

__all__ = ["ApiError", "Context", "Declare", "JsonService", "Operation", "Runs", "json_response"]
