"""S3 over plain directories: ``<root>/<bucket>/<key>`` is the object, for clients and for Spark alike.

From the outside in: ``app`` (ASGI shell) uses ``codec`` (rest-xml from the service model), ``body``, ``chunked``,
``integrity`` and ``address``; the ``*_operations`` speak S3's shapes; ``store`` is S3 without HTTP, made of
``objects``, ``buckets``, ``uploads``, ``tree`` (files), ``staging`` (files in the making), ``records`` (side
table), ``listing`` and ``conditions``; ``keys`` says how a key becomes a path.
"""

from glueprint.local.s3.app import S3App
from glueprint.local.s3.errors import S3Error
from glueprint.local.s3.objects import ObjectCreated, ObjectInfo, OpenObject
from glueprint.local.s3.records import S3_SCHEMA
from glueprint.local.s3.store import S3Store

__all__ = ["S3_SCHEMA", "ObjectCreated", "ObjectInfo", "OpenObject", "S3App", "S3Error", "S3Store"]
