"""The operations of AWS Glue, one module per resource family.

An operation is a method named like it in snake case (``CreateJob`` -> ``create_job``), on a class that holds its
family; ``registry`` finds them. What other families need within their own transaction (a blueprint that creates
jobs, an engine that reads them) are the plain methods that take the transaction as their first argument.
"""
