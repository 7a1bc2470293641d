"""The HTTP front: one port that answers every AWS client.

A request passes, in this order: :mod:`guard` (Host, Origin), :mod:`dispatch` (which service is meant),
:mod:`bodies` (limits), :mod:`signatures` (who signed), and then one of the services: Glue, Logs, S3, moto.
"""

from glueprint.local.http.bodies import BodyRefused
from glueprint.local.http.dispatch import Front, FrontOptions, Services
from glueprint.local.http.guard import Guard, HostRules
from glueprint.local.http.moto import Moto

__all__ = ["BodyRefused", "Front", "FrontOptions", "Guard", "HostRules", "Moto", "Services"]
