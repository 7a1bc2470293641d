"""S3 over plain directories: ``<root>/<bucket>/<key>`` is the object, both for clients and for Spark.

In: HTTP requests (:class:`S3App`), calls of the executors (:class:`S3Store`), and files that Spark writes. Out:
answers in S3's protocol, and :class:`ObjectCreated` events.

* ``app`` is the ASGI application. It uses ``address`` (bucket and key of a request), ``routes`` (which operation),
  ``decoding`` and ``encoding`` (rest-xml, driven by the service model), ``body``, ``chunked`` and ``integrity``.
* The ``*_operations`` modules implement the operations; ``call`` is what they receive and return.
* ``store`` is S3 without HTTP: ``buckets``, ``objects``, ``versions``, ``uploads`` and ``multipart``, ``tree``
  (files), ``staging`` (files that are being written), ``records`` (side table), ``listing`` and ``conditions``.
* ``bucket_settings`` are the settings that are stored and read back, ``control`` a part of S3 Control.
* ``keys`` maps a key to a path.
"""

from glueprint.local.s3.app import S3App
from glueprint.local.s3.control import S3Control
from glueprint.local.s3.errors import S3Error
from glueprint.local.s3.objects import ObjectCreated, ObjectInfo, OpenObject
from glueprint.local.s3.records import S3_SCHEMA
from glueprint.local.s3.settings_rows import S3_SETTINGS_SCHEMA, sends_events
from glueprint.local.s3.store import S3Store

__all__ = [
    "S3_SCHEMA",
    "S3_SETTINGS_SCHEMA",
    "ObjectCreated",
    "ObjectInfo",
    "OpenObject",
    "S3App",
    "S3Control",
    "S3Error",
    "S3Store",
    "sends_events",
]
