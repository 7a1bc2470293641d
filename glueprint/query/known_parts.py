"""The parts of sqlglot's nodes that the translation reads: a node with another one is refused.

Without this, a word that the parser keeps in a part of its own (``NOT`` of ``NOT LIKE`` is one) would be left out
of the query silently.
"""

from __future__ import annotations

from sqlglot import exp

from glueprint.query.errors import not_supported

_SELECT = (
    "expressions from_ joins where group having windows order limit offset distinct with_"
)
_BINARY = "this expression"
_KNOWN: dict[str, str] = {
    "Select": _SELECT,
    **dict.fromkeys(("Union", "Intersect", "Except"), "this expression distinct with_ order limit offset"),
    "Subquery": "this alias with_ order limit offset joins",
    "Values": "expressions alias order limit offset",
    "With": "expressions recursive",
    "CTE": "this alias",
    "From": "this",
    "Where": "this",
    "Having": "this",
    "Group": "expressions grouping_sets cube rollup",
    "Order": "this expressions",
    "Ordered": "this desc nulls_first",
    "Limit": "expression",
    "Fetch": "direction count limit_options",
    "Offset": "expression",
    "Join": "this on side kind using method",
    "Table": "this alias db catalog joins sample",
    "TableAlias": "this columns",
    "TableSample": "method percent size",
    "Unnest": "expressions alias offset",
    "Lateral": "this alias view outer",
    "Alias": "this alias",
    "Column": "this table db catalog",
    "Identifier": "this quoted",
    "Dot": "this expression",
    "Star": "",
    "Anonymous": "this expressions",
    "Distinct": "expressions on",
    "Window": "this partition_by order spec alias over",
    "WindowSpec": "kind start start_side end end_side",
    "Filter": "this expression",
    "WithinGroup": "this expression",
    "Lambda": "this expressions",
    "Case": "this ifs default",
    "If": "this true false",
    "Cast": "this to",
    "TryCast": "this to safe",
    "In": "this expressions query",
    "Between": "this low high",
    "Is": "this expression",
    "Like": "this expression negate",
    "Escape": "this expression",
    "DPipe": "this expression safe",
    "Div": "this expression typed safe",
    "Extract": "this expression",
    "Trim": "this expression position",
    "Substring": "this start length",
    "StrPosition": "this substr",
    "Interval": "this unit",
    "Bracket": "this expressions offset safe",
    "Array": "expressions bracket_notation",
    "AtTimeZone": "this zone",
    "Exists": "this",
    "CurrentDate": "",
    "CurrentTimestamp": "",
    "Localtimestamp": "",
    **dict.fromkeys(
        ("EQ", "NEQ", "LT", "LTE", "GT", "GTE", "NullSafeEQ", "NullSafeNEQ", "And", "Or"), _BINARY
    ),
    **dict.fromkeys(("Add", "Sub", "Mul", "Mod"), _BINARY),
}
_WITHOUT_MEANING = {"typed", "safe", "bracket_notation", "nested"}


def check_parts(tree: exp.Expr) -> None:
    """Check every node of a query.

    Raises:
        QueryError: a node has a part that the translation would leave out; it is named.
    """
    for node in tree.walk():
        known = _KNOWN.get(type(node).__name__)
        if known is None:
            continue  # what has no translation is refused when it is reached
        found = {name for name, value in node.args.items() if value}
        unknown = sorted(found - set(known.split()) - _WITHOUT_MEANING)
        if unknown:
            shown = unknown[0].strip("_").replace("_", " ").upper()
            raise not_supported(f"{shown} in {node.sql('trino')[:80]}", node)
