"""Glue's special job parameters: what each one requests, and what the local Glue does about it. Server side.

From arguments, and files that were fetched already, to decisions:

* ``special``: the table of all special parameters, which docs/parameters.md is made from.
* ``arguments``: which value of an argument counts, lists, switches, secrets.
* ``s3_files``: ``--extra-py-files``, ``--extra-files``, ``--TempDir``, and what must be fetched from S3.
* ``python_modules``, ``library_set``, ``jars``, ``spark_conf``: one parameter each, or a few that belong together.
* ``checks``: everything that is wrong with a run's parameters, at once.

Sources, all in the AWS Glue guide: DG:aws-glue-programming-etl-glue-arguments (job parameters), DG:add-job-python
(Python shell jobs), DG:aws-glue-programming-python-libraries.
"""
