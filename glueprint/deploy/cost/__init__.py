"""What a workflow costs: before its first run from definitions, after it from measured durations.

* ``billing``: which DPUs, minimum and price a job or crawler has; what a duration is billed as.
* ``estimate``: bounds before a run: the minimum, the expected cost where durations are known, and the timeouts.
* ``measured``: the cost of a run that took place, attempt by attempt.
* ``alternatives``: the orchestration itself in Step Functions and MWAA, which Glue workflows do not charge for.

Prices are in :mod:`glueprint.facts.prices`. Amounts are None where a price is not known.
"""
