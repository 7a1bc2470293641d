"""The engine of DynamicFrames: Glue's types with choices, on ordinary Spark DataFrames.

A :class:`~glueprint.runtime.frames.frame.Frame` is a physical DataFrame with a logical schema (``types``).
Transforms are functions from frames to frames, one family in a module, written with ``typed_columns``. Records
come in as JSON (``json_reading`` and its helpers) or as Python values (``records``, ``inference``). This room
does not know Amazon's package, S3 or Glue's API. What differs from AWS: docs/fidelity/frames.md.
"""
