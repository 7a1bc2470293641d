"""A Glue job as a process: from a job run's definition and arguments to argv, environment and files. Server side.

* ``jobs``: ``job_process(JobLaunch) -> ProcessSpec``.
* ``environment``: the environment variables of a job's process.
* ``spark_settings``: Spark's properties and the flags of its JVM on this machine.
* ``module_setup``: the Python modules that are installed before the script starts.
"""
