"""Searching one folder for a run's input: which files count, and every reason why they are not enough yet."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Dict, List, Mapping, Optional, Set, Tuple

from glue_jobs.common.globs import excluded
from glue_jobs.common.input_files import Thresholds, choose, from_iso, reason_missing
from glue_jobs.common.ledger import is_in_ledger, ledger_name, rejected_entry
from glue_jobs.common.locations import folder_location, list_objects, split_folder
from glue_jobs.common.manifest import FrozenFile
from glue_jobs.common.patterns import compile_pattern

CHECKSUM_SIDECARS = (".md5", ".sha256")
SIDECARS = (*CHECKSUM_SIDECARS, ".rows")
MAX_NAMES_IN_REASON = 5


@dataclass(frozen=True)
class Expectations:
    """When the files of a folder count as present.

    Attributes:
        file_pattern: which files count.
        limits: how many of them there must be, and how old.
        expected: patterns, each of which must match a file.
        success_file: a file that must be there, by its path in the folder; empty for none.
        file_list: a file that lists the files; empty for none.
        quiet: how long no file may have changed.
        sidecars: ``ignore``, ``check`` (files that describe others are not input) or ``require`` (each file has
            one with its checksum).
        exclusions: a crawler's exclude patterns of files that do not count.
    """

    file_pattern: str
    limits: Thresholds
    expected: Tuple[str, ...] = ()
    success_file: str = ""
    file_list: str = ""
    quiet: timedelta = timedelta(0)
    sidecars: str = "ignore"
    exclusions: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """What a search of a folder found.

    Attributes:
        location: the folder.
        files: the files that count, in the order of their keys.
        reason: why they are not enough; empty if they are.
        loaded: the number of files that were loaded before and do not count.
        changed: those of them that have changed since, by key.
    """

    location: str
    files: Tuple[FrozenFile, ...]
    reason: str
    loaded: int = 0
    changed: Tuple[str, ...] = ()


def search_location(
    s3: Any, location: str, expectations: Expectations, ledger: Mapping[str, str], now: datetime
) -> Found:
    """Search a folder once.

    Args:
        s3: a boto3 S3 client.
        location: the folder.
        expectations: when its files count as present.
        ledger: the files that do not count because they were loaded before (see :mod:`ledger`).
        now: the present.
    """
    bucket, prefix = split_folder(location)
    entries = {entry["Key"][len(prefix) :]: entry for entry in list_objects(s3, bucket, prefix)}
    files = choose(entries.values(), prefix, expectations.file_pattern)
    others = {expectations.success_file, expectations.file_list}
    is_excluded = excluded(expectations.exclusions)
    files = [
        file
        for file in files
        if file.key[len(prefix) :] not in others and not is_excluded(file.key[len(prefix) :])
    ]
    reasons = []
    if expectations.success_file and expectations.success_file not in entries:
        reasons.append("{} is not there".format(expectations.success_file))
    if expectations.file_list:
        files, problems = _listed(s3, bucket, prefix, expectations.file_list, entries, files)
        reasons += problems
    if expectations.sidecars != "ignore":
        files = _with_sidecars(files, entries, prefix)
        if expectations.sidecars == "require":
            reasons += _named(
                "{} of {} files have no checksum next to them",
                [file.key[len(prefix) :] for file in files if not set(file.sidecars) & set(CHECKSUM_SIDECARS)],
                len(files),
            )
    reasons += [
        "no file matches {}".format(pattern)
        for pattern in expectations.expected
        if not any(map(compile_pattern(pattern).fullmatch, (file.key[len(prefix) :] for file in files)))
    ]
    new = [file for file in files if not is_in_ledger(ledger, bucket, file)]
    changed = [
        file.key
        for file in files
        if is_in_ledger(ledger, bucket, file)
        and ledger[ledger_name(bucket, file.key)] not in (file.etag, rejected_entry(file))
    ]
    enough = reason_missing(new, expectations.limits, now)
    if enough and len(new) < len(files):
        enough += " ({} files were loaded before)".format(len(files) - len(new))
    reasons += [enough] if enough else []
    reasons += _not_quiet(new, expectations.quiet, now)
    return Found(
        location=folder_location(location),
        files=tuple(replace(file, bucket=bucket) for file in new),
        reason="; ".join(reasons),
        loaded=len(files) - len(new),
        changed=tuple(changed),
    )


def _listed(
    s3: Any, bucket: str, prefix: str, name: str, entries: Mapping[str, Any], files: List[FrozenFile]
) -> Tuple[List[FrozenFile], List[str]]:
    """The files that a list names, and what is wrong with it or them."""
    if name not in entries:
        return files, ["{} is not there".format(name)]
    text = s3.get_object(Bucket=bucket, Key=prefix + name)["Body"].read().decode("utf-8-sig")
    try:
        sizes = read_file_list(text, bucket, prefix)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return files, ["{} is not a list of files: {}".format(name, error)]
    missing = [path for path in sizes if path not in entries]
    wrong = [path for path, size in sizes.items() if path in entries and size not in (None, entries[path]["Size"])]
    chosen = [file for file in files if file.key[len(prefix) :] in sizes]
    problems = _named("{} of {} listed files are not there", missing, len(sizes))
    problems += _named("{} of {} listed files have another size", wrong, len(sizes))
    return chosen, problems


def read_file_list(text: str, bucket: str, prefix: str) -> Dict[str, Optional[int]]:
    """The paths that a list of files names, with their sizes if it has them.

    Args:
        text: a line for each file, or JSON as Amazon Redshift's COPY and UNLOAD use it: ``{"entries": [{"url":
            "s3://bucket/key", "meta": {"content_length": 5}}]}``. A name is relative to the folder, or a complete
            location in it.
        bucket: the folder's bucket.
        prefix: the folder's key prefix.

    Raises:
        ValueError: the text is not a list, or names a file outside of the folder.
    """
    if text.lstrip().startswith("{"):
        entries = [
            (entry["url"], entry.get("meta", {}).get("content_length")) for entry in json.loads(text)["entries"]
        ]
    else:
        entries = [(line.strip(), None) for line in text.splitlines() if line.strip()]
    if not entries:
        raise ValueError("it names no file")
    sizes: Dict[str, Optional[int]] = {}
    start = "s3://{}/{}".format(bucket, prefix)
    for name, size in entries:
        if name.startswith("s3://") and not name.startswith(start):
            raise ValueError("{} is outside of {}".format(name, start))
        sizes[name[len(start) :] if name.startswith("s3://") else name] = size
    return sizes


def _with_sidecars(files: List[FrozenFile], entries: Mapping[str, Any], prefix: str) -> List[FrozenFile]:
    """The files that describe no other one, each with the kinds of the files that describe it."""
    paths: Set[str] = set(entries)
    kept = []
    for file in files:
        path = file.key[len(prefix) :]
        if any(path.endswith(kind) and path[: -len(kind)] in paths for kind in SIDECARS):
            continue
        kept.append(replace(file, sidecars=tuple(kind for kind in SIDECARS if path + kind in paths)))
    return kept


def _not_quiet(files: List[FrozenFile], quiet: timedelta, now: datetime) -> List[str]:
    newest = max((file.modified for file in files), default="")
    if not newest or now - from_iso(newest) >= quiet:
        return []
    return ["the newest file is of {}, less than {:g} seconds ago".format(newest, quiet / timedelta(seconds=1))]


def _named(sentence: str, names: List[str], total: int) -> List[str]:
    """The sentence with the number of names, the total and the first names; nothing without names."""
    if not names:
        return []
    shown = ", ".join(names[:MAX_NAMES_IN_REASON]) + (", ..." if len(names) > MAX_NAMES_IN_REASON else "")
    return ["{}: {}".format(sentence.format(len(names), total), shown)]


def search_all(
    s3: Any,
    locations: List[str],
    expectations: Expectations,
    is_any_enough: bool,
    ledger: Mapping[str, str],
    now: datetime,
) -> Found:
    """Search several folders; their files count together.

    Args:
        s3: a boto3 S3 client.
        locations: the folders.
        expectations: when the files of each of them count as present.
        is_any_enough: whether one folder with enough files is enough; the files of others do not count then.
        ledger: see :func:`search_location`.
        now: the present.
    """
    found = [search_location(s3, location, expectations, ledger, now) for location in locations]
    if len(found) == 1:
        return found[0]
    reasons = ["{}: {}".format(one.location, one.reason) for one in found if one.reason]
    is_present = len(reasons) < len(found) if is_any_enough else not reasons
    counting = [one for one in found if not one.reason] if is_present else found
    return Found(
        location=", ".join(one.location for one in found),
        files=tuple(file for one in counting for file in one.files),
        reason="" if is_present else "; ".join(reasons),
        loaded=sum(one.loaded for one in found),
        changed=tuple(key for one in found for key in one.changed),
    )
