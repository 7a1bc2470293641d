"""Data quality inside a job: evaluates DQDL rulesets on Spark DataFrames.

:func:`evaluation.evaluate` turns a ruleset into checks, measures everything that they need in at most two Spark
jobs (:mod:`measures`: one aggregation, one count of frequencies for uniqueness and entropy), and returns an
outcome for each rule. What a check states about single rows is in :mod:`row_level`. Rules that compare datasets or
run SQL read them on their own (:mod:`reference_checks`, :mod:`sql_checks`).

:mod:`transform` is what scripts import as ``awsgluedq.transforms``; :mod:`publishing` sends results to the local
Glue and writes them to S3; :mod:`evaluation_run` is the program of an evaluation run on a table.
"""
