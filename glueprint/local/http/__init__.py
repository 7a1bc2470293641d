"""The HTTP front: one port that answers every AWS client.

A request passes, in this order: :mod:`guard` (Host, Origin), :mod:`dispatch` (which service it is for),
:mod:`bodies` (limits), :mod:`signatures`, and then one of the services, which are ASGI applications: Glue, Logs,
EventBridge, S3, the job API, or :mod:`moto` for the rest of AWS. :mod:`handover` hands single operations of Glue
to moto. :mod:`refusals` writes the front's errors in the form of each service; :mod:`connection_limits` limits
the time for headers.
"""

from glueprint.local.http.bodies import BodyRefused
from glueprint.local.http.dispatch import Front, FrontOptions, Services
from glueprint.local.http.guard import Guard, HostRules
from glueprint.local.http.moto import Moto

__all__ = ["BodyRefused", "Front", "FrontOptions", "Guard", "HostRules", "Moto", "Services"]
