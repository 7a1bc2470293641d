"""The operations of AWS Glue, one module per resource family.

An operation is a method that is declared with its name and where it runs: ``@operation("CreateJob",
runs=Runs.ON_WRITER)``. What other families need within their own transaction (a blueprint that creates
jobs, an engine that reads them) are the plain methods that take the transaction as their first argument.
"""
