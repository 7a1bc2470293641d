"""EventBridge, as far as Glue workflows need it: rules, patterns, and the events of Glue and S3.

moto has no Glue targets and forgets its rules on restart. So rules are rows of the store, and an event is
delivered within the transaction that stores what it is about. :class:`EventBridge` has the operations,
:class:`Events` is the bus, :class:`S3Events` and :mod:`glue_events` make the events of S3 and Glue.
"""

from glueprint.local.events.bus import Deliver, Events
from glueprint.local.events.event import Event
from glueprint.local.events.operations import EventBridge, events_service
from glueprint.local.events.rules import EVENTS_SCHEMA
from glueprint.local.events.s3_events import S3Events

__all__ = ["EVENTS_SCHEMA", "Deliver", "Event", "EventBridge", "Events", "S3Events", "events_service"]
