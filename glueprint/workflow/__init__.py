"""What a workflow does, pure: no clock, no I/O, no threads."""
