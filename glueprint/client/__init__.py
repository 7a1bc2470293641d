"""What every command and library of Glueprint needs to work with a Glue, local or AWS, through boto3.

* :mod:`session` chooses a Glue (a :class:`~session.Target`) and opens a :class:`~session.Session`: clients,
  lookups and the polling interval. :mod:`servers` starts local servers as subprocesses and finds running ones;
  :mod:`aws_environment` lists the environment variables that direct AWS clients to one.
* :mod:`errors` defines :class:`~errors.GlueprintError` and its kinds. Everything that a user can fix is raised as
  one of them, with a message and, where there is one, a remedy. A front end decides how it is shown.
"""
