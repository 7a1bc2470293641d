"""The exception for a policy that cannot be evaluated here."""

from __future__ import annotations


class PolicyError(ValueError):
    """A policy is malformed, or contains what is not evaluated here; the message names it."""
