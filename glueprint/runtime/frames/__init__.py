"""The engine of DynamicFrames: Glue's types with choices, on ordinary Spark DataFrames.

Knows nothing of Amazon's package, of S3 or of Glue's API. A :class:`~glueprint.runtime.frames.frame.Frame` is a
physical DataFrame and a logical schema; transforms are functions from frames to frames, one family a module.
"""
