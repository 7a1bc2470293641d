"""What a workflow does: pure functions, without a clock, I/O or threads.

Values pass in and out: events with ``now`` in epoch seconds go in; changes to store and actions that the caller
must carry out come back. The local Glue calls this room within its transactions, the CLI calls it with what any
Glue returns.

Model: ``model`` (triggers, actions, the graph; nodes, conditions and states are in ``facts``), ``wire`` (API
shapes to the model and back), ``rules`` (what CreateTrigger refuses), ``arguments`` (rules for job arguments),
``quotas`` (what exceeds AWS's defaults), ``schedule`` (cron expressions).

State machines, each ``decide(state, event) -> Decision(changes, owed)`` and ``evolve(state, change)``:

* ``run``: one workflow run; ``resume`` makes the first decision of a resumed one.
* ``attempt``: one job invocation with its retries, timeout and stop; its messages are in ``attempt_events``.
* ``standing``: conditional triggers outside workflows.
* ``windows``: events that wait to start an EVENT workflow.

Decisions without state: ``admission`` (whether a job run may start now), ``due`` (which time of a schedule fires
now).

Readers of graphs: ``simulate`` (what would run), ``analyse`` (what can never run), ``explain`` (why something did
not run; the types are in ``explanation``, ``root_causes`` evaluates it), ``unstarted`` (why a workflow never
started).

An event may be delivered twice and may come late: then it decides nothing. Choices where AWS's documentation is
silent are in docs/fidelity/workflow.md.
"""
