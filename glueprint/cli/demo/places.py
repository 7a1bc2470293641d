"""The names that all scenes of the demo use: its buckets, its database, the role of its jobs."""

from __future__ import annotations

DATABASE = "demo"
LANDING, LAKE, SCRIPTS = "demo-landing", "demo-lake", "demo-scripts"
ROLE = "arn:aws:iam::123456789012:role/GlueprintDemo"
