"""The command line: thin commands over the client room, with pure rendering.

A module per command (``demo`` and ``job`` are packages) parses arguments, calls the client room and prints. What
they share: ``target`` (the options that choose a Glue), ``arguments``, ``output`` (terminals, pipes, JSON),
``progress`` and ``watch`` (waiting), ``follow`` (a started run), ``errors`` (exit codes, and errors as one line),
``render`` (data to text).

Only ``serve`` may import the local Glue; every other command speaks to any Glue through boto3.
"""
