"""What runs inside a job's process, between the interpreter and the user's script.

``shell`` and ``spark`` are the two programs; both run the script as ``script`` says. Nothing here talks to the
server.
"""
