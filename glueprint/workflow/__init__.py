"""What a workflow does, pure: no clock, no I/O, no threads.

Nouns: ``model`` (triggers, nodes, the graph), ``states``, ``wire`` (API shapes and back), ``rules`` (what
CreateTrigger refuses), ``lifecycle`` (states of a trigger), ``schedule`` (cron).

Machines, each ``decide(state, event) -> Decision(changes, owed)`` and ``evolve(state, change)``:

* ``run``: one workflow run; ``resume`` makes the first decision of a resumed one.
* ``attempt``: one job invocation, with its retries, timeout, stop.
* ``standing``: conditional triggers outside workflows.
* ``windows``: events that wait to start an EVENT workflow.

Plain decisions: ``admission`` (may this run start now), ``due`` (what a schedule asks for now).

Readers: ``simulate`` (what would run), ``explain`` (why something did not; its nouns are in ``explanation``),
``analyse`` (what can never run).

Events carry ``now`` in epoch seconds. Delivery may repeat and may come late: what is late or said twice decides
nothing. Choices where AWS is silent stand in docs/fidelity/workflow.md.
"""
