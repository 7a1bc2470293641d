"""The Data Quality Definition Language (DQDL): from text to rules and back. Pure; no Spark, no HTTP.

:func:`parse` turns a document into a :class:`Ruleset`, or raises :class:`DqdlError` with line, column and a
suggestion. ``str()`` of a rule is the text that AWS Glue shows for it; a ruleset that is parsed from that text is
equal. :mod:`rule_types` lists which parameters, conditions and clauses each rule type takes.

The local Glue checks rulesets with it when they are created, jobs evaluate what it returns.

Sources: DG:dqdl, DG:dqdl-rule-types, and the grammar and rule table that AWS publishes (awslabs/dqdl).
"""

from glueprint.dqdl.errors import DqdlError
from glueprint.dqdl.model import Analyzer, CompositeRule, Rule, Ruleset, SimpleRule
from glueprint.dqdl.parser import parse

__all__ = ["Analyzer", "CompositeRule", "DqdlError", "Rule", "Ruleset", "SimpleRule", "parse"]
