"""The probes, by subject. Each module has ``PROBES``."""
