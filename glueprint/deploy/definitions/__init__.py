"""What a workflow is, at any Glue: its definitions read, made by a layout, and compared.

* ``model``: the data classes. A :class:`~glueprint.deploy.definitions.model.Definition` is one workflow, job,
  crawler or trigger as its Create* operation accepts it (``request()``); a
  :class:`~glueprint.deploy.definitions.model.WorkflowDefinition` is a workflow with all that belongs to it.
* ``reading``: ``read_workflow(glue, name, account_id=...)`` reads a deployed one, None if there is none;
  ``owner(session)`` returns the account. What the API adds (times, states, numbers of versions) is left out.
* ``layout``: ``lay_out(subject, parameters, ...)`` returns what a blueprint's layout makes, without side effects:
  the definitions, the objects that it would upload, its other calls that would change something. Its AWS calls are
  answered by an account in memory, or by ``recording.RecordingAccount``: reads go to the real account, changes are
  recorded. ``LaidOut.named(suffix)`` gives jobs and crawlers the names that Glue would give them.
* ``comparison``: ``differences(wanted, deployed)`` lists the members of a definition that differ. What the service
  fills in, and how it spells a value, is not a difference.

Definitions are immutable by convention: no function changes a mapping that it received.
"""
