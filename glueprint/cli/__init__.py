"""The command line: thin commands over one seam (:mod:`session`), rendering as pure functions (:mod:`render`).

Only ``serve`` may import the local Glue; every other command speaks to any Glue through boto3.
"""
