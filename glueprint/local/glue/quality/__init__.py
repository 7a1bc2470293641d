"""Data quality: rulesets, the results of jobs and evaluation runs, and these runs.

Rulesets are checked by :mod:`glueprint.dqdl` when they are stored. Runs are processes (``executors/quality``);
jobs publish their results over the private route (``job_api/quality``).
"""
