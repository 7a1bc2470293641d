"""Run directories, and the processes that run under supervisors. Server side.

* ``process``: a run directory and its one process: ``prepare``, ``launch``, ``inspect``, ``request_stop``.
* ``supervisor``: the small program between the server and the user's code.
* ``launchers``: how supervisors are started: a new Python, a fork of a waiting process (``forker``), or a worker
  that waits already.
* ``watcher``: reports the starts and ends of runs, including those of processes that an earlier server started.
* ``programs``: runs modules of Glueprint as programs.

This package imports nothing: supervisors load it, and each millisecond there is paid by every job run.
"""
