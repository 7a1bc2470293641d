"""What a job's process asks of this Glue that AWS has no public operation for: its bookmark.

One private path for each job run, ``/glueprint/v1/job-runs/RUN/...``, signed with our key under the service name
``glueprint`` and guarded like every other request; it answers only while that run is alive.
"""
