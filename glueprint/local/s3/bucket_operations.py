"""S3's operations on buckets; each is a method named like it, in snake case."""

from __future__ import annotations

from typing import Any

from glueprint.local.s3 import tagging
from glueprint.local.s3.buckets import DEFAULT_REGION, is_region
from glueprint.local.s3.call import Call, Reply, operation
from glueprint.local.s3.encoding import document
from glueprint.local.s3.errors import S3Error, invalid_argument, not_implemented
from glueprint.local.s3.listing_members import decode_token, encode_token, owner_id
from glueprint.local.s3.store import S3Store


class BucketOperations:
    """Operations on buckets."""

    def __init__(self, store: S3Store, account_id: str) -> None:
        self._store = store
        self._account_id = account_id

    @operation("ListBuckets")
    def list_buckets(self, call: Call) -> Reply:
        """All buckets, by name, in pages if the request has ``max-buckets``."""
        prefix = call["Prefix"] or ""
        after = decode_token(call["ContinuationToken"])
        limit = call["MaxBuckets"]
        if limit is not None and not 1 <= limit <= 10_000:
            message = "Argument max-buckets must be an integer between 1 and 10000"
            raise invalid_argument("max-buckets", str(limit), message)
        buckets = [
            self._store.bucket(name)
            for name in self._store.bucket_names()
            if name.startswith(prefix) and name > after
        ]
        if call["BucketRegion"] is not None:
            buckets = [bucket for bucket in buckets if bucket.location == call["BucketRegion"]]
        page = buckets if limit is None else buckets[:limit]
        more = len(page) < len(buckets)
        return Reply(
            {
                "Buckets": [
                    {"Name": bucket.name, "CreationDate": bucket.created, "BucketRegion": bucket.location}
                    for bucket in page
                ],
                "Owner": self._owner(),
                "Prefix": call["Prefix"],
                "ContinuationToken": encode_token(page[-1].name) if more else None,
            }
        )

    @operation("CreateBucket")
    def create_bucket(self, call: Call) -> Reply:
        """A new bucket. The endpoint's region is the one that the client signed for."""
        configuration: dict[str, Any] = call["CreateBucketConfiguration"] or {}
        for member in ("Location", "Bucket"):
            if configuration.get(member):
                raise not_implemented(f"CreateBucket with CreateBucketConfiguration.{member}")
        for member, only in (("ObjectOwnership", "BucketOwnerEnforced"), ("BucketNamespace", "global")):
            if call[member] not in (None, only):
                raise not_implemented(f"CreateBucket with {member} {call[member]}")
        location = self._location(configuration.get("LocationConstraint"), call.region)
        tags = tagging.from_members({"TagSet": configuration.get("Tags") or []}, tagging.MAX_BUCKET_TAGS)
        self._store.buckets.create(call.bucket, location, tags)
        return Reply({"Location": f"/{call.bucket}"})

    @operation("HeadBucket")
    def head_bucket(self, call: Call) -> Reply:
        """Whether a bucket exists, and its region."""
        bucket = self._store.bucket(call.bucket)
        return Reply({"BucketRegion": bucket.location, "AccessPointAlias": False})

    @operation("DeleteBucket")
    def delete_bucket(self, call: Call) -> Reply:
        """Delete an empty bucket."""
        self._store.delete_bucket(call.bucket)
        return Reply()

    @operation("GetBucketLocation")
    def get_bucket_location(self, call: Call) -> Reply:
        """A bucket's region; us-east-1 is the empty one. The answer is a bare element that no model describes."""
        location = self._store.bucket(call.bucket).location
        return Reply(document=document("LocationConstraint", "" if location == DEFAULT_REGION else location))

    @operation("GetBucketTagging")
    def get_bucket_tagging(self, call: Call) -> Reply:
        """A bucket's tags; a bucket without tags is an error, as on S3."""
        tags = self._store.bucket(call.bucket).tags
        if not tags:
            raise S3Error("NoSuchTagSet", "The TagSet does not exist", 404, {"BucketName": call.bucket})
        return Reply({"TagSet": tagging.to_members(tags)})

    @operation("PutBucketTagging")
    def put_bucket_tagging(self, call: Call) -> Reply:
        """Replace a bucket's tags."""
        tags = tagging.from_members(call["Tagging"], tagging.MAX_BUCKET_TAGS)
        self._store.buckets.put_tags(call.bucket, tags)
        return Reply(status=204)

    @operation("DeleteBucketTagging")
    def delete_bucket_tagging(self, call: Call) -> Reply:
        """Remove a bucket's tags."""
        self._store.buckets.put_tags(call.bucket, {})
        return Reply()

    @operation("GetBucketAcl")
    def get_bucket_acl(self, call: Call) -> Reply:
        """The ACL of a bucket whose ACLs are disabled: its owner may do everything."""
        self._store.bucket(call.bucket)
        return Reply(self._owner_acl())

    @operation("GetObjectAcl")
    def get_object_acl(self, call: Call) -> Reply:
        """The ACL of an object in such a bucket."""
        self._store.open(call.bucket, call.key).close()
        return Reply(self._owner_acl())

    def _owner(self) -> dict[str, str]:
        return {"ID": owner_id(self._account_id)}

    def _owner_acl(self) -> dict[str, Any]:
        grantee = {"Type": "CanonicalUser", **self._owner()}
        return {"Owner": self._owner(), "Grants": [{"Grantee": grantee, "Permission": "FULL_CONTROL"}]}

    @staticmethod
    def _location(constraint: str | None, region: str) -> str:
        if not constraint and region == DEFAULT_REGION:
            return DEFAULT_REGION
        if not constraint or (region != DEFAULT_REGION and constraint not in (region, "EU")):
            raise _incompatible(constraint or "unspecified", region)
        if constraint == DEFAULT_REGION or not is_region(constraint):
            raise S3Error(
                "InvalidLocationConstraint",
                "The specified location-constraint is not valid",
                400,
                {"LocationConstraint": constraint},
            )
        location = "eu-west-1" if constraint == "EU" else constraint
        if region not in (DEFAULT_REGION, location):
            raise _incompatible(constraint, region)
        return location


def _incompatible(constraint: str, region: str) -> S3Error:
    return S3Error(
        "IllegalLocationConstraintException",
        f"The {constraint} location constraint is incompatible for the region specific endpoint this request was "
        "sent to.",
        400,
        {"Region": region},
    )
