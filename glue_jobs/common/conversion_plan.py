"""What every task of a conversion needs to know."""

from dataclasses import dataclass
from typing import Dict, Tuple
from urllib.parse import unquote

from glue_jobs.common.manifest import Manifest
from glue_jobs.common.partition_folders import DEFAULT_PARTITION
from glue_jobs.common.row_writers import OutputFormat
from glue_jobs.common.source_plan import SourcePlan
from glue_jobs.common.source_rounds import ReadingFailed


@dataclass(frozen=True)
class Plan(SourcePlan):
    """How files are read and written.

    Attributes:
        output: how to write the rows.
        partition_keys: names of the folders' keys, ``year`` of ``year=2024/``.
        target_bucket: where the output goes.
        target_prefix: the key prefix of this run's folder.
    """

    output: OutputFormat
    partition_keys: Tuple[str, ...]
    target_bucket: str
    target_prefix: str


def folder_keys(key: str, prefix: str) -> Tuple[Tuple[str, str], ...]:
    """The keys and values in the names of a file's folders, such as ``year`` and ``2024`` of ``year=2024/``."""
    folders = [folder.partition("=") for folder in key[len(prefix) :].split("/")[:-1]]
    return tuple(
        (name.lower(), unquote(value) or DEFAULT_PARTITION) for name, equals, value in folders if name and equals
    )


def common_keys(manifest: Manifest, prefix: str) -> Tuple[str, ...]:
    """The partition keys of all files.

    Raises:
        ReadingFailed: some files are in other folders.
    """
    kinds: Dict[Tuple[str, ...], str] = {}
    for file in manifest.files:
        kinds.setdefault(tuple(name for name, _ in folder_keys(file.key, prefix)), file.key)
    if len(kinds) > 1:
        raise ReadingFailed(
            "The files are in folders with different keys: {}.".format(
                "; ".join("{} ({})".format(", ".join(keys) or "no key", key) for keys, key in kinds.items())
            )
        )
    keys = next(iter(kinds), ())
    if len(set(keys)) < len(keys):
        raise ReadingFailed("Folders name a key twice: {}.".format(", ".join(keys)))
    return keys
