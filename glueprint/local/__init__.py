"""A local AWS Glue: protocol, resource families, store, the shell around the engine, S3, logs, server."""
