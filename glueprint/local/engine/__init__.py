"""Stores what the pure machines of :mod:`glueprint.workflow` decide: one transaction for each event.

``Engine.write`` runs an operation or a process's report in a transaction; the actions that it stores are carried
out after the commit. What comes in: calls of operations, ends of processes (executors), due timers. What goes out:
pending actions (to the executors) and notifications of a :class:`~.listener.RunListener`.

* ``run_rows``, ``attempt_rows``, ``timer_rows``, ``pending_actions``: states, timers and actions as rows.
* ``workflow_runs``, ``job_runs``, ``crawls``: events of each kind, applied within the caller's transaction.
* ``firing``, ``standing_triggers``, ``schedules``, ``event_windows``: what starts runs.
* ``cascade``: keeps starts within one transaction from starting themselves.
* ``dispatcher``: carries out pending actions, after the commit, and again after a crash.
* ``timers``: reports due timers. ``retention``: removes old history.
"""
