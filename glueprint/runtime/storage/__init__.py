"""Where DynamicFrames come from and go to: files in S3, the Data Catalog, databases, DynamoDB.

Speaks to S3, Glue and DynamoDB with boto3 and to files with Spark; uses ``frames`` for what a DynamicFrame is and
``bookmarks`` for what a job has read already. Knows nothing of Amazon's package: ``standin`` translates.
"""
