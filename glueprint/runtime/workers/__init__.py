"""Waiting workers: the Python of a job that is up already, each for one job.

``pool`` keeps some with a warmed JVM for Spark jobs (``sizing`` says how many, ``fit`` which run one may take),
``shells`` a few for Python shell jobs; ``starts`` asks both before a run is started cold. Each worker
(``waiting``) has a supervisor from the start (``spare``), which takes the run's lock and claims it, as every
supervisor does, and only then tells the worker. ``worker`` is the program for Spark: it warms itself up
(``warm_up``), waits, moves into the run (``moving``) and lets its script find the live Spark (``live``);
``shell_worker`` is the one for Python shell jobs. ``class_archive`` makes cold starts of Spark quicker.
docs/decisions/waiting-workers.md.
"""
