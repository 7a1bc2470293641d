"""Waiting Spark workers: a job's Python with its JVM up and warmed, each for one job.

``pool`` keeps some of them and hands runs over; ``sizing`` says how many, ``fit`` which run a worker may take.
Each has a supervisor from the start (``spare``), which takes the run's lock and claims it, as every supervisor
does, and only then tells the worker. ``worker`` is the worker's program: it warms itself up (``warm_up``), waits,
moves into the run (``moving``) and lets its script find the live Spark (``live``). ``class_archive`` makes cold
starts quicker. Decisions 155 to 157.
"""
