"""Carries out pending actions: job processes, crawl processes, blueprint registration and layouts.

* ``executors`` assembles the room; ``children`` has all processes of job runs and crawls: it adopts those of an
earlier
  server, reports starts and ends to the engine, and ends them in order.
* ``jobs`` and ``crawls`` prepare a process and turn its end into events of the engine; ``fetch``,
``crawl_targets``
  and ``crawl_catalog`` read what they need from S3 and the Data Catalog.
* ``processes`` starts and watches processes in their run directories (:mod:`glueprint.runtime.processes`).
* ``blueprints`` runs layouts; ``warm_processes`` keeps workers ready.
"""
