"""The part of ``awsglue`` that a Python shell job can import: only ``awsglue.utils``."""
