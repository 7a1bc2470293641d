"""What the operators do, without Airflow: every function takes a boto3 client, and tests need no Airflow.

* ``tags``: the run property by which a task finds its own workflow run again.
* ``lookup``: the runs that have such a tag.
* ``beginning``: finds, resumes or starts the run of a task, so that a task never has two.
* ``transient``: which errors mean that a request was lost, not refused.
* ``watching``: polls a run to its end and passes its log lines on.
* ``verdict``: whether an ended run is a success, and the text that explains a failure.
* ``awaiting``: what a sensor waits for.
* ``blueprint_run``: the same for runs of blueprints.
"""
