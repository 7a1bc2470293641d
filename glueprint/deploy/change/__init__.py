"""Changing deployed workflows: plan, apply, undo, roll back, drift - at any Glue, any number of people at a time.

What passes through: a layout's result gets the names that its resources have (``names``) and becomes a ``Target``
(``target``); ``planning`` compares it with what is deployed and makes a ``Plan`` (``plan``), which is plain data
and can be stored; ``applying`` carries it out under a lock, and undoes it when a step fails.

* ``names``: which deployed job is which job of the layout, although Glue adds a suffix to names.
* ``changes``: the difference of two workflows as changes, in the order in which they can be made.
* ``state``: versions, journal and contents in a bucket; ``lock``: one holder at a time, which survives a kill.
* ``execution``: carries out one change; ``requests`` repeats requests that Glue throttles or refuses for a moment.
* ``running``: refuses to change a workflow that runs, and pauses its schedule.
* ``history``: rollback and drift, from recorded versions.

An apply is *convergent*: it reads what is there and makes what is missing. So an apply that was killed anywhere is
completed by the same command, and undoing is applying what was there before.
"""
