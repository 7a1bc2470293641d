"""What runs inside and around a job's process.

* ``process``: a run directory and the one process it stands for - ``start``, ``inspect``, ``request_stop``.
* ``watcher``: tells of starts and ends, of adopted processes too.
* ``supervisor``: the small program between the server and the user's code; ``supervisors`` says where each comes
  from, ``forker`` is the process that forks them.
* ``jobs``: a Glue job as such a process; ``jobhost`` is what runs inside it.

This module imports nothing: the supervisor loads it, and every millisecond there is paid by every job run.
"""
