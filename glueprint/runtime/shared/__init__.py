"""What the server's side and the job's side of ``runtime`` both load.

* ``rundir``: the files of a run directory, and the environment variables that name them.
* ``instructions``, ``shell_instructions``: what the launcher writes for a job's process.
* ``s3_mounts``: how Hadoop reads ``s3://`` from directories.
* ``os_process``: identity and descendants of processes, and their standard streams.
* ``worker_handover``, ``spark_changes``: how a waiting worker gets a run, and which runs it can take.

This package imports nothing: supervisors and Python shell jobs load it, and each millisecond there is paid by
every job run. Its modules use the standard library only, and run on every Python that a job can have.
"""
