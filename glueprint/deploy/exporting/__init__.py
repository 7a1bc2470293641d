"""Exporting a workflow: a state machine of Step Functions, or a DAG of Airflow, with the meaning of its triggers.

* ``plan`` (pure): what the triggers mean without Glue: steps with predicates, in an order that other engines have
  (:class:`~glueprint.deploy.exporting.plan.Plan`). What has no faithful translation is refused with its reason;
  what differs is a warning. ``arrangement`` finds that order: sequences of what can run together.
* ``state_machine`` writes a plan in the Amazon States Language, ``state_names`` names its states, ``role`` has the
  documents around it. ``dag`` writes a DAG file, ``dag_rules`` decides which trigger rules say the same.
* ``reading``: the plan of a deployed workflow, with what its scripts read of the workflow run.

In: a :class:`~glueprint.deploy.definitions.model.WorkflowDefinition`. Out: texts and documents.
"""
