"""Pools of processes that wait for a job, each for one job. Server side.

* ``spark_pool``: workers with a warmed JVM for Spark jobs; ``sizing``: their number.
* ``shell_pool``: a few Pythons for Python shell jobs.
* ``idle_worker``: a waiting worker, as the server knows it. Each has a supervisor from the start
  (``worker_supervisor``), which takes the run's lock and claims it, like every supervisor, and only then hands the
  run to the worker.
* ``class_archive``: makes cold starts of Spark quicker.

The workers' own programs are on the job's side: ``jobhost.spark_worker``, ``jobhost.shell_worker``. Why it is done
this way: docs/decisions/waiting-workers.md.
"""
