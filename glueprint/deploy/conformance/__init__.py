"""Conformance: questions about AWS Glue that no document answers, put to a real Glue.

A *probe* creates a little in an account, under its own prefix, observes one behaviour, and returns what it has
seen as JSON; next to it is what Glueprint does. A person with an account runs them, and may commit the report.

* ``probe``: what a probe is: question, rows of docs/fidelity that it answers, cost.
* ``lab``: what a probe works with: clients, names with the prefix, helpers that create and wait.
* ``own_answers``: what Glueprint answers to each probe, which tests verify.
* ``answers``: makes answers comparable: no ids, accounts, prefixes.
* ``probes``: the probes by subject. ``catalogue``: all of them, and the rows that have none, with the reason.
* ``running``: runs probes one after the other; a probe that fails does not stop the others.
* ``cleaning``: finds and deletes everything with the prefix, also after a run that was killed.
* ``report``: the report as Markdown and JSON.
"""
