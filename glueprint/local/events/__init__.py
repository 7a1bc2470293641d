"""EventBridge, as far as Glue workflows need it: rules, patterns, and the events of Glue and S3.

moto has no such target and forgets its rules on restart, so rules live in our store, and a match is delivered
within the transaction that stores what the event tells of. :class:`EventBridge` answers the API, :class:`Events`
is the bus, :class:`S3Events` and :mod:`glue_events` say what happens here.
"""

from glueprint.local.events.bus import Deliver, Events
from glueprint.local.events.event import Event
from glueprint.local.events.operations import EventBridge, events_service
from glueprint.local.events.rules import EVENTS_SCHEMA
from glueprint.local.events.s3_events import S3Events

__all__ = ["EVENTS_SCHEMA", "Deliver", "Event", "EventBridge", "Events", "S3Events", "events_service"]
