"""Identifiers and ARNs in the form of AWS Glue's
(docs/facts/workflows.md#identifiers and docs/facts/protocol.md#arns)."""

from __future__ import annotations

import secrets
import string
import uuid

_JOB_RUN = "jr_"
_QUALITY_RUN = "dqrun-"


def workflow_run_id() -> str:
    """``wr_`` and 64 hex digits."""
    return "wr_" + secrets.token_hex(32)


def job_run_id() -> str:
    """``jr_`` and 64 hex digits: the first attempt of a submission."""
    return _JOB_RUN + secrets.token_hex(32)


def is_job_run_id(id_: str) -> bool:
    """Whether an id of a job run or crawl is a job run's."""
    return id_.startswith(_JOB_RUN)


def attempt_id(submission_id: str, attempt: int) -> str:
    """The id of an attempt; later ones end in ``_attempt_N`` (widely seen, not in AWS's pages)."""
    return submission_id if attempt == 0 else f"{submission_id}_attempt_{attempt}"


def blueprint_run_id() -> str:
    """``br_`` and 64 hex digits (AWS does not document its form)."""
    return "br_" + secrets.token_hex(32)


def quality_result_id() -> str:
    """``dqresult-`` and 40 hex digits (the prefix: DG:dqdl, "API response")."""
    return "dqresult-" + secrets.token_hex(20)


def quality_run_id() -> str:
    """``dqrun-`` and 40 hex digits: an evaluation or a recommendation run (AWS does not document its form)."""
    return _QUALITY_RUN + secrets.token_hex(20)


def is_quality_run_id(id_: str) -> bool:
    """Whether the id of a process is that of a data quality run."""
    return id_.startswith(_QUALITY_RUN)


def crawl_id() -> str:
    """A UUID (ListCrawls, service model)."""
    return str(uuid.uuid4())


def layout_suffix() -> str:
    """The suffix that Glue adds to the names of a blueprint's jobs and crawlers (its form is not documented)."""
    return "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(8))


def arn(account_id: str, region: str, resource: str) -> str:
    """``resource`` is e.g. ``job/NAME`` (developer guide, "Specifying AWS Glue resource ARNs")."""
    return f"arn:aws:glue:{region}:{account_id}:{resource}"
