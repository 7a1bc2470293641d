"""DPUSeconds of job runs."""

from __future__ import annotations

import pytest

from glueprint.local.engine.capacity import dpus


@pytest.mark.parametrize(
    ("settings", "arguments", "expected"),
    [
        ({"WorkerType": "G.2X", "NumberOfWorkers": 5, "ExecutionClass": "FLEX"}, {}, 10.0),
        ({"WorkerType": "G.025X", "NumberOfWorkers": 2}, {"--enable-auto-scaling": "true"}, 0.5),
        ({"WorkerType": "G.1X", "NumberOfWorkers": 3}, {"--enable-auto-scaling": ""}, 3.0),
        ({"WorkerType": "G.1X", "NumberOfWorkers": 3}, {"--enable-auto-scaling": "false"}, None),
        ({"WorkerType": "G.1X", "NumberOfWorkers": 3, "ExecutionClass": "STANDARD"}, {}, None),
        ({"MaxCapacity": 0.0625, "ExecutionClass": "FLEX"}, {}, None),
    ],
)
def test_dpus_are_reported_for_flex_and_auto_scaling(
    settings: dict[str, object], arguments: dict[str, str], expected: float | None
) -> None:
    """Workers times the factor of their type, for just these runs (service model, JobRun.DPUSeconds)."""
    assert dpus(settings, arguments) == expected
