"""A local AWS Glue: the server of ``glueprint serve``.

What comes in: HTTP requests of AWS clients (boto3, the AWS CLI, jobs, layouts), and ends of processes. What goes
out: answers in AWS's form, processes of jobs and crawls (:mod:`glueprint.runtime`, :mod:`glueprint.crawler`),
layouts (:mod:`glueprint.blueprint`), and one data directory with the complete state.

The rooms, top first; each imports only lower ones (``setup.cfg``, import-linter):

* ``server``: the process. ``reference``: the generated table of operations.
* ``assembly``: everything behind one data directory, assembled. ``http``: one port for every client: checks of
  hosts, origins, signatures and body limits, and the choice of the service.
* ``executors``: carries out pending actions. ``job_api``: the private calls of job processes.
* ``glue``: the operations of AWS Glue, one module for each resource family.
* ``events``: EventBridge rules, and the events of Glue and S3.
* ``engine``: stores what the machines of :mod:`glueprint.workflow` decide, one transaction for each event.
* ``s3``: objects as files. ``logs``: log files as CloudWatch Logs.
* ``store``: one SQLite file, one writer thread. ``protocol``: JSON 1.1 driven by botocore's service models, and
  how a method is declared an operation.
* ``clock``, ``datadir``, ``faults``, ``identifiers``: imported by all.

A request runs on one of three kinds of threads (:class:`~glueprint.local.protocol.Runs`): look-ups on the event
loop, changes of the store on its writer thread, everything else on a worker thread. The engine has a thread for
timers and one that dispatches actions; executors have a few workers, and a thread that watches processes.
"""
