"""State machines of AWS Step Functions, pure: what a definition means, and what an execution does next.

* ``parsing`` reads the Amazon States Language into ``definition`` and reports every fault with its place
  (``diagnostics``); ``resources`` names what a Task calls.
* ``paths``, ``intrinsics``, ``templates``, ``choices`` and ``data`` are the data flow: JSONPath, intrinsic
  functions, payload templates, choice rules.
* ``execution`` has the state of an execution, its events, changes and owed actions; ``machine`` decides:
  ``decide(state, event) -> Decision(changes, owed)`` and ``evolve(state, change)``, as in
  :mod:`glueprint.workflow`. Below it, in layers: ``rows``, ``moves`` (entering and leaving states), ``joins``
  (Parallel and Map), ``recovery`` (retry and catch), ``starts`` (the work of each type of state).
* ``history`` makes the events of GetExecutionHistory.

In: JSON and events that carry the time. Out: changes to store, actions that the outside world must carry out. No
clock, no I/O. Sources: the Amazon States Language specification (states-language.net) and the Step Functions
Developer Guide (SFN:page). What is not supported here is a diagnostic, never ignored: docs/step-functions.md.
"""
