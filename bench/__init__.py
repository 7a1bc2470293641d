"""Benchmarks: each runs both sides at the same time and prints how they compare (`python -m bench`, `make bench`).

On a shared machine, compare ratios and differences of one run rather than times.
"""
