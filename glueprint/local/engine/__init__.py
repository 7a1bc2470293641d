"""The shell around the pure machines: one transaction per event, then the actions that it owes.

* ``run_rows``, ``attempt_rows``: the machines' states as rows.
* ``workflow_runs``, ``job_runs``, ``crawls``: events of each kind, applied within the caller's transaction.
* ``carrier``: carries out what is owed, after the commit, and again after a crash.
* ``timers``: reports what has become due.
"""
