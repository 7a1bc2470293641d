"""Benchmarks: each runs both sides in one go and prints how they compare (`python -m bench`, `make bench`).

Times on a shared machine say little, ratios and differences of the same run say more.
"""
