"""The programs of a job's process, between the interpreter and the user's script. Job side.

* ``shell``, ``spark``: the programs of Python shell and Spark jobs. Both run the script as ``script`` does, with
  ``tracebacks`` and ``debugger``.
* ``installer``: Python modules that are installed before the script.
* ``jvm``, ``bucket_mounter``: the driver's JVM, and the buckets in it.
* ``shell_worker``, ``spark_worker``: the programs of processes that wait for a job; a Spark worker runs
  ``warm_up``, keeps its Spark in ``live_spark`` and steps back by ``priority``.
* ``archiver``: makes the class-data archive for quicker JVM starts.

Nothing here calls the server.
"""
