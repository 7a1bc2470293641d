"""The functions of Athena's SQL that have the same answer in DuckDB, each with its translation.

A call is translated only if its name and the types of its arguments are in these tables; else it is refused by
name and place. ``registry`` looks one up; ``macros`` are functions that DuckDB lacks, defined in its SQL.
Source of meanings: Trino's documentation, "Functions and operators" (Athena engine version 3 provides these).
"""

from __future__ import annotations
