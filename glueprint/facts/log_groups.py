"""Log groups of CloudWatch Logs that only the local Glue has: AWS does not show what they contain."""

from __future__ import annotations

LAYOUT_OUTPUT_GROUP = "/glueprint/blueprint-runs/output"
"""What layouts printed; the stream is named after the blueprint run."""
LAYOUT_WARNINGS_GROUP = "/glueprint/blueprint-runs/warnings"
"""What was dropped or changed of what they described."""
