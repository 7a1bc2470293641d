"""Step Functions: state machines and executions, run for real by the machine of :mod:`glueprint.statemachine`.

* ``operations``: the API. ``definitions``: what a definition may call here; ``arns``: names and ARNs.
* ``executions``: the shell around the machine: each event is decided and stored within one transaction, with what
  it owes: timers, and tasks as pending actions.
* ``tasks`` carries out a task: a call of Glue within the transaction that stores its result, other services over
  HTTP; ``results`` are answers and errors as Step Functions hands them to a state.
* ``execution_rows``: the rows.

In: requests, ends of job runs, timers, events of the bus. Out: calls of this server's services.
"""

from glueprint.local.state_machines.executions import Executions
from glueprint.local.state_machines.operations import states_service
from glueprint.local.state_machines.tasks import Tasks

__all__ = ["Executions", "Tasks", "states_service"]
