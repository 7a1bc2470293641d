"""File formats: one class each for reading and writing, found by the names that scripts and tables use."""
