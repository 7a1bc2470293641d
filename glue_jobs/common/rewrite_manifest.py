"""The frozen input of a run that rewrites a table: for each partition its folders and the files in them."""

import json
from dataclasses import asdict, dataclass
from typing import Any, Iterator, Tuple

from glue_jobs.common.locations import split_folder, split_location
from glue_jobs.common.manifest import FrozenFile


@dataclass(frozen=True)
class FrozenFolder:
    """Files of one folder.

    Attributes:
        location: the folder, ``s3://bucket/a/b/``.
        files: in the order of their keys.
    """

    location: str
    files: Tuple[FrozenFile, ...]

    @property
    def bucket(self) -> str:
        """The files' bucket."""
        return split_folder(self.location)[0]


@dataclass(frozen=True)
class FrozenPartition:
    """A partition as it was found.

    Attributes:
        values: one per partition key; empty for a table without partitions.
        file_format: of its files.
        header_lines: at the start of each text file.
        folders: its location, then another folder in which further files of it are.
    """

    values: Tuple[str, ...]
    file_format: str
    header_lines: int
    folders: Tuple[FrozenFolder, ...]

    @property
    def location(self) -> str:
        """The partition's location."""
        return self.folders[0].location

    def files(self) -> Iterator[Tuple[str, FrozenFile]]:
        """All files with their buckets."""
        for folder in self.folders:
            for file in folder.files:
                yield folder.bucket, file

    @property
    def total_bytes(self) -> int:
        """The size of all files."""
        return sum(file.size for _, file in self.files())


@dataclass(frozen=True)
class RewriteManifest:
    """What a run rewrites.

    Attributes:
        database: the table's database.
        table: the table.
        location: the folder below which the table's files are.
        checked_at: when they were listed, ISO 8601 in UTC.
        partitions: what is rewritten, in the order of their values.
    """

    database: str
    table: str
    location: str
    checked_at: str
    partitions: Tuple[FrozenPartition, ...]

    @property
    def count(self) -> int:
        """The number of files."""
        return sum(len(folder.files) for partition in self.partitions for folder in partition.folders)

    @property
    def total_bytes(self) -> int:
        """Their size."""
        return sum(partition.total_bytes for partition in self.partitions)


def write_rewrite_manifest(s3: Any, location: str, manifest: RewriteManifest) -> None:
    """Write the manifest with one PutObject: it is complete or not there at all."""
    bucket, key = split_location(location)
    body = json.dumps(asdict(manifest), sort_keys=True).encode()
    s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")


def read_rewrite_manifest(s3: Any, location: str) -> RewriteManifest:
    """Return the manifest in an S3 object."""
    bucket, key = split_location(location)
    data = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    partitions = tuple(
        FrozenPartition(
            values=tuple(partition["values"]),
            file_format=partition["file_format"],
            header_lines=partition["header_lines"],
            folders=tuple(
                FrozenFolder(folder["location"], tuple(FrozenFile(**file) for file in folder["files"]))
                for folder in partition["folders"]
            ),
        )
        for partition in data.pop("partitions")
    )
    return RewriteManifest(partitions=partitions, **data)
