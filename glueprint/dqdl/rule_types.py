"""The rule types of DQDL: their parameters, conditions and clauses (DG:dqdl-rule-types, awslabs/dqdl)."""

from __future__ import annotations

from dataclasses import dataclass

from glueprint.dqdl.operands import OperandKind

_NUMBER = frozenset({OperandKind.NUMBER})
_TEXT = frozenset({OperandKind.TEXT})
_VALUES = frozenset({OperandKind.NUMBER, OperandKind.TEXT, OperandKind.DATE})
_NONE: frozenset[OperandKind] = frozenset()


@dataclass(frozen=True)
class RuleType:
    """What a rule type takes.

    Attributes:
        parameters: the smallest and the largest number of parameters; None: any number.
        conditions: the kinds of operands that its condition may have; none: it has no condition.
        condition_required: whether the condition must be there.
        where, threshold: whether it takes these clauses.
        analyzer: whether it can be an analyzer; ``rule``: whether it can be a rule.
        row_level: whether it states for each row whether that passed.
        ratio: its result is a ratio of the complete dataset: excluded from composite rules that are evaluated row
            by row.
        dynamic: whether its condition may call functions of earlier runs.
    """

    parameters: tuple[int, int | None]
    conditions: frozenset[OperandKind] = _NONE
    condition_required: bool = True
    where: bool = False
    threshold: bool = False
    analyzer: bool = False
    rule: bool = True
    row_level: bool = False
    ratio: bool = False
    dynamic: bool = True
    tags: bool = False


RULE_TYPES: dict[str, RuleType] = {
    "AggregateMatch": RuleType((2, 2), _NUMBER, dynamic=False),
    "AllStatistics": RuleType((1, 1), analyzer=True, rule=False),
    "ColumnCorrelation": RuleType((2, 2), _NUMBER, where=True, analyzer=True),
    "ColumnCount": RuleType((0, 0), _NUMBER, analyzer=True),
    "ColumnDataType": RuleType((1, 1), _TEXT, where=True, threshold=True, row_level=True, tags=True),
    "ColumnExists": RuleType((1, 1)),
    "ColumnLength": RuleType((1, 1), _NUMBER, where=True, analyzer=True, row_level=True),
    "ColumnNamesMatchPattern": RuleType((1, 1)),
    "ColumnValues": RuleType(
        (1, 1), _VALUES, where=True, threshold=True, analyzer=True, row_level=True, tags=True
    ),
    "Completeness": RuleType((1, 1), _NUMBER, where=True, analyzer=True, row_level=True, ratio=True),
    "CustomSql": RuleType(
        (1, 1), _NUMBER, condition_required=False, threshold=True, analyzer=True, row_level=True
    ),
    "DataFreshness": RuleType((1, 1), frozenset({OperandKind.DURATION}), where=True, row_level=True),
    "DatasetMatch": RuleType((2, 3), _NUMBER, row_level=True, ratio=True),
    "DetectAnomalies": RuleType((1, None)),
    "DistinctValuesCount": RuleType((1, 1), _NUMBER, where=True, analyzer=True),
    "Distribution": RuleType((1, 1), analyzer=True, rule=False, tags=True),
    "Entropy": RuleType((1, 1), _NUMBER, where=True, analyzer=True),
    "FileFreshness": RuleType((0, 1), frozenset({OperandKind.DATE}), threshold=True, tags=True),
    "FileMatch": RuleType((0, 2), _TEXT, condition_required=False, tags=True),
    "FileSize": RuleType((0, 1), frozenset({OperandKind.SIZE, OperandKind.NUMBER}), threshold=True, tags=True),
    "FileUniqueness": RuleType((0, 1), _NUMBER, tags=True),
    "IsComplete": RuleType((1, 1), where=True, row_level=True),
    "IsPrimaryKey": RuleType((1, None), where=True, row_level=True),
    "IsUnique": RuleType((1, None), where=True, row_level=True),
    "Mean": RuleType((1, 1), _NUMBER, where=True, analyzer=True),
    "ReferentialIntegrity": RuleType((2, 2), _NUMBER, row_level=True, ratio=True),
    "RowCount": RuleType((0, 0), _NUMBER, where=True, analyzer=True),
    "RowCountMatch": RuleType((1, 1), _NUMBER),
    "SchemaMatch": RuleType((1, 1), _NUMBER),
    "StandardDeviation": RuleType((1, 1), _NUMBER, where=True, analyzer=True),
    "Sum": RuleType((1, 1), _NUMBER, where=True, analyzer=True),
    "UniqueValueRatio": RuleType((1, 1), _NUMBER, where=True, analyzer=True, row_level=True),
    "Uniqueness": RuleType((1, None), _NUMBER, where=True, analyzer=True, row_level=True, ratio=True),
    "Variance": RuleType((1, 1), _NUMBER, where=True, analyzer=True),
}
