"""Sources and sinks of DynamicFrames: files in S3, tables of the Data Catalog, databases, DynamoDB. Job side.

* ``connections``: the class behind each ``connection_type``; ``endpoints``: what sources and sinks are, and the
  services that they use.
* ``file_source``, ``file_sink``: files, in one of ``formats``; ``s3_paths`` lists them, ``file_options`` and
  ``options`` read the script's options, ``chosen_files`` makes a DataFrame of exactly the chosen files.
* ``catalog``: tables of the Data Catalog; ``jdbc``, ``dynamodb``: databases.
* ``purge``, ``ingestion``: other operations of GlueContext.

Calls S3, Glue and DynamoDB with boto3 and reads files with Spark; uses ``frames`` for DynamicFrames and
``bookmarks`` for what a job has read already. Does not depend on Amazon's package: ``standin`` translates.
"""
