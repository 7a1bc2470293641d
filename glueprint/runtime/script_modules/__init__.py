"""A folder on the module path of what a job's script starts: its ``pip`` keeps installations in the run."""
