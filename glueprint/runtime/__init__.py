"""What runs inside and around a job's process. Two sides, which share only what is in ``shared``.

**Server side**, loaded by ``glueprint serve`` and by supervisors; runs on the server's Python:

* ``launch``: a Glue job as a process: ``job_process(JobLaunch) -> ProcessSpec``; ``parameters``: what Glue's
  special job parameters mean.
* ``processes``: run directories, supervisors, and the watcher that reports starts and ends.
* ``workers``: pools of processes that wait for a job.
* ``failures``: why a run failed, in addition to Glue's own message.

**Job side**, loaded inside a job's process; runs on the job's Python and Spark, which differ with the GlueVersion:

* ``jobhost``: the programs between the interpreter and the user's script.
* ``standin``: answers Amazon's ``awsglue`` in place of Glue's JVM; below it ``storage`` (sources and sinks),
  ``frames`` (DynamicFrames and transforms) and ``bookmarks``.
* ``sparksql``: Spark's Hive catalog over the Data Catalog.
* ``shell_modules``: the ``awsglue.utils`` of Python shell jobs; ``spark_modules``: ``awsgluedq`` of Spark jobs.
* ``quality``: evaluates data quality rulesets.

A side never imports the other: import-linter checks it. What passes between them are the files of the run
directory and the instructions for the job, both in ``shared``.

This module imports nothing: the supervisor loads it, and each millisecond there is paid by every job run.
"""
