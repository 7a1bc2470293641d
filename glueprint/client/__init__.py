"""What every command and library of Glueprint needs to work with a Glue, local or AWS, through boto3.

Which Glue:

* ``session`` chooses a Glue (a ``Target``) and opens a ``Session``: boto3 clients and the polling interval.
* ``servers`` starts local servers as subprocesses and finds running ones; ``aws_environment`` lists the
environment
  variables that direct other AWS clients to one.

What is in it. Functions take a boto3 client or a session and return frozen data classes ("views"); the API's
dictionaries stay in their ``wire`` attribute, for those who print them.

* ``lookup`` finds workflows, runs, job runs, crawlers and blueprints by what users type: full names or prefixes.
  ``graph_names`` does the same within a workflow's graph; ``names`` has the rules of prefixes and similar names.
* ``workflows``, ``runs``, ``job_runs``, ``blueprints`` and ``crawls`` are the views; ``presence`` reads the
presence
  marker of a run, ``node_order`` sorts nodes as they run, ``simulated_rounds`` groups a simulated run.
* ``log_streams`` reads the logs of runs, ``last_lines`` the last lines of failures, ``crawl_story`` the decisions
of a
  crawl.
* ``blueprint_parameters`` converts and checks the values of a blueprint's parameters.
* ``waiting`` waits until a state is final.

``errors`` defines ``GlueprintError`` and its kinds. Everything that a user can fix is raised as one of them, with
a message and, where there is one, a remedy. This room prints nothing: lines for the user go to a session's
``notify``.
"""
