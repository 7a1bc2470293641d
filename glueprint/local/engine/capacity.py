"""The capacity of jobs and runs in DPUs, and ``DPUSeconds``: what a run is charged for, where Glue reports it.

Service model, ``JobRun.DPUSeconds``: set for runs of execution class FLEX or with auto scaling; the time that each
executor ran, multiplied by a factor of its worker type. Here every worker counts as running for the whole
ExecutionTime, since nothing scales.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_AUTO_SCALING = "--enable-auto-scaling"
_FACTORS = {
    "G.025X": 0.25,
    "Standard": 1.0,
    "G.1X": 1.0,
    "G.2X": 2.0,
    "G.4X": 4.0,
    "G.8X": 8.0,
    "G.12X": 12.0,
    "G.16X": 16.0,
    "R.1X": 1.0,
    "R.2X": 2.0,
    "R.4X": 4.0,
    "R.8X": 8.0,
}
"""DPUs of a worker (AWS Glue guide, worker types; of R workers memory-DPUs)."""


def dpus(settings: Mapping[str, Any], arguments: Mapping[str, str]) -> float | None:
    """Return the DPUs of a run whose ``DPUSeconds`` are reported; None for any other.

    Args:
        settings: members of the ``JobRun``.
        arguments: its merged arguments.
    """
    scales = arguments.get(_AUTO_SCALING, "false").lower() != "false"
    factor = _FACTORS.get(settings.get("WorkerType") or "")
    if factor is None or not (scales or settings.get("ExecutionClass") == "FLEX"):
        return None
    return factor * float(settings.get("NumberOfWorkers") or 1)


def with_capacity(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return a ``Job`` or ``JobRun`` with the capacity that Glue shows.

    That is MaxCapacity of jobs with workers, too (boto/boto3#2644), and its old name AllocatedCapacity.
    """
    shown = dict(members)
    factor = _FACTORS.get(members.get("WorkerType") or "")
    if factor is not None and members.get("NumberOfWorkers"):
        shown["MaxCapacity"] = factor * float(members["NumberOfWorkers"])
    if shown.get("MaxCapacity") is not None:
        shown["AllocatedCapacity"] = int(shown["MaxCapacity"])
    return shown
