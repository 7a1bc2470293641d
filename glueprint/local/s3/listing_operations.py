"""S3's operations that list objects."""

from __future__ import annotations

from typing import Any

from glueprint.local.s3.call import Call, Reply, operation
from glueprint.local.s3.errors import invalid_argument
from glueprint.local.s3.listing import MAX_PAGE_ITEMS, Page
from glueprint.local.s3.listing_members import (
    check_encoding,
    decode_token,
    encode_token,
    encoded,
    owner_id,
)
from glueprint.local.s3.store import S3Store


class ListingOperations:
    """ListObjects, ListObjectsV2, and S3's answers on versions for a bucket that was never versioned."""

    def __init__(self, store: S3Store, account_id: str) -> None:
        self._store = store
        self._account_id = account_id

    @operation("ListObjects")
    def list_objects(self, call: Call) -> Reply:
        """The first version: the next page starts after a key (``marker``)."""
        marker = call["Marker"] or ""
        page = self._page(call, marker)
        delimiter = call["Delimiter"]
        return Reply(
            {
                **self._common(call, page, with_owner=True),
                "Marker": encoded(call, marker),
                # S3 returns the next marker only if the request has a delimiter: otherwise the client knows it.
                "NextMarker": encoded(call, page.last) if page.truncated and delimiter else None,
            }
        )

    @operation("ListObjectsV2")
    def list_objects_v2(self, call: Call) -> Reply:
        """The second version: the next page starts after the position in a token."""
        token = call["ContinuationToken"]
        if token == "":
            raise invalid_argument("continuation-token", "", "The continuation token provided is incorrect")
        after = decode_token(token) or call["StartAfter"] or ""
        page = self._page(call, after)
        start_after = call["StartAfter"] if token is None else None  # S3 does not repeat it on later pages
        return Reply(
            {
                **self._common(call, page, with_owner=bool(call["FetchOwner"])),
                "KeyCount": len(page.objects) + len(page.prefixes),
                "ContinuationToken": token,
                "NextContinuationToken": encode_token(page.last) if page.truncated else None,
                "StartAfter": encoded(call, start_after) if start_after else None,
            }
        )

    @operation("ListObjectVersions")
    def list_object_versions(self, call: Call) -> Reply:
        """Every object as its one version, ``null``: S3's answer for a bucket that was never versioned."""
        marker = call["KeyMarker"] or ""
        page = self._page(call, marker)
        common = self._common(call, page, with_owner=True)
        versions = [{**item, "VersionId": "null", "IsLatest": True} for item in common.pop("Contents")]
        return Reply(
            {
                **common,
                "Versions": versions,
                "KeyMarker": encoded(call, marker),
                "VersionIdMarker": call["VersionIdMarker"] or "",
                "NextKeyMarker": encoded(call, page.last) if page.truncated else None,
                "NextVersionIdMarker": "null" if page.truncated else None,
            }
        )



    def _page(self, call: Call, after: str) -> Page:
        limit = MAX_PAGE_ITEMS if call["MaxKeys"] is None else call["MaxKeys"]
        if limit < 0:
            message = "Argument maxKeys must be an integer between 0 and 2147483647"
            raise invalid_argument("maxKeys", str(limit), message)
        check_encoding(call)
        prefix, delimiter = call["Prefix"] or "", call["Delimiter"] or ""
        return self._store.page(call.bucket, prefix, delimiter, after, min(limit, MAX_PAGE_ITEMS))

    def _common(self, call: Call, page: Page, *, with_owner: bool) -> dict[str, Any]:
        contents = []
        for found, record in self._store.records_of(call.bucket, page.objects):
            contents.append(
                {
                    "Key": encoded(call, found.key),
                    "LastModified": found.fingerprint.mtime_ns / 1e9,
                    "ETag": f'"{record.etag}"',
                    "ChecksumAlgorithm": list(record.checksums) or None,
                    "ChecksumType": record.checksum_type or None,
                    "Size": found.fingerprint.size,
                    "StorageClass": record.attributes.system.get("StorageClass", "STANDARD"),
                    "Owner": {"ID": owner_id(self._account_id)} if with_owner else None,
                }
            )
        limit = MAX_PAGE_ITEMS if call["MaxKeys"] is None else call["MaxKeys"]
        return {
            "Name": call.bucket,
            "Prefix": encoded(call, call["Prefix"] or ""),
            "Delimiter": encoded(call, call["Delimiter"]) if call["Delimiter"] else None,
            "MaxKeys": min(limit, MAX_PAGE_ITEMS),
            "EncodingType": call["EncodingType"],
            "IsTruncated": page.truncated,
            "Contents": contents,
            "CommonPrefixes": [{"Prefix": encoded(call, prefix)} for prefix in page.prefixes],
        }
