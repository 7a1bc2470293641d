"""DQDL documents: what is accepted, its text, and the errors of what is not."""

from __future__ import annotations

import pytest
from dqdl_strategies import rulesets
from hypothesis import given, settings

from glueprint.dqdl import DqdlError, Ruleset, parse
from glueprint.dqdl.model import CompositeRule, Operator, SimpleRule
from glueprint.dqdl.operands import Arithmetic, Call, Date, Keyword, Number

DOCUMENTED = (
    'IsComplete "order-id"',
    '(IsComplete "id") AND (IsUnique "id")',
    '(Mean "Star_Rating" > 3) AND ((Mean "Order_Total" > 500) OR (IsComplete "Order_Id"))',
    '(RowCount > 0) OR ((IsComplete "colA") AND (IsUnique "colA"))',
    'Mean "colA" between 80 and 100',
    'Completeness "colA" = 1.0',
    'ColumnValues "colA" != "a"',
    'ColumnValues "colA" < "2022-06-30"',
    'ColumnValues "colA" not between "2022-05-31" and "2022-06-30"',
    'ColumnValues "colA" not in ["a","b","c"]',
    'ColumnValues "colA" matches "[a-zA-Z]*" with threshold between 0.2 and 0.9',
    'ColumnDataType "colA" = "Timestamp" with threshold > 0.9',
    'ColumnValues "load_date" > (now() - 3 days)',
    'ColumnValues "colA" != NULL with threshold > 0.5',
    'ColumnValues "Country" in ["US","CA","UK",NULL,EMPTY,WHITESPACES_ONLY]',
    'ColumnValues "colB" in ["A","B"] where "colC is not null" with threshold > 0.9',
    'ColumnLength "colC" > 10 where "colD != Concat(colE, colF)"',
    'DistinctValuesCount "colA" between min(last(10)) - 1 and max(last(10)) + 1',
    "RowCount > avg(last(3))",
    'DataFreshness "Order_Date" between 2 days and 5 days',
    'ReferentialIntegrity "city_id,state_id" "reference.{ref_city_id,ref_state_id}" = 1.0',
    'DatasetMatch "reference" "ID_1->ID_ref1,ID_2->ID_ref2" "Amount1->Amount2" >= 0.9',
    'CustomSql "select Name from primary where Age > 18" with threshold > 3',
    'IsPrimaryKey colA "col B"',
    "Completeness of col_1 between 0.5 and 0.8",
    'ColumnCorrelation of col_1 and "col abc" between 0.4 and 0.8',
    "RowCount between (0.9 * avg(last(10))) and 1.1 * avg(last(10))",
    "FileSize > 10 MB",
)
"""Rules of DG:dqdl, of the pages of the rule types and of the tests of awslabs/dqdl, as AWS writes their text."""


@pytest.mark.parametrize("rule", DOCUMENTED)
def test_a_documented_rule_keeps_its_text(rule: str) -> None:
    """The text of a rule in results is AWS's (awslabs/dqdl, DQRule.toString)."""
    assert [str(one) for one in parse(f"Rules = [ {rule} ]").rules] == [rule]


@given(rulesets)
@settings(max_examples=200)
def test_the_text_of_a_ruleset_is_that_ruleset(ruleset: Ruleset) -> None:
    """parse(str(ruleset)) == ruleset, for every ruleset: all clauses, operators, names and texts."""
    assert parse(str(ruleset)) == ruleset


def test_all_sections_are_read() -> None:
    """Metadata, data sources, constants, default labels, rules, analyzers and comments (DG:dqdl, awslabs/dqdl)."""
    ruleset = parse(
        """
        Metadata = { "Version": "1.0" }
        DataSources = { "Primary": "orders", "AdditionalDataSources": [ "customers" ] }
        mySql = "select count(*) from primary"
        allowed = ["US", "CA"]
        DefaultLabels=["frequency"="monthly"]
        Rules = [
            # a comment, with "quotes" and ] brackets
            CustomSql $mySql between 0 and 100, ColumnValues "country" in $allowed,
            RowCount > 0 labels=["frequency"="daily", "team"="finance"], # another
            ((IsComplete "a") or (IsUnique "a")) labels=["team"="sales"]
        ]
        Analyzers = [ DistinctValuesCount "Name", ColumnLength "Name" ]"""
    )
    assert (ruleset.primary, ruleset.additional_sources) == ("orders", ("customers",))
    sql, values, count, both = ruleset.rules
    assert isinstance(sql, SimpleRule)
    assert isinstance(values, SimpleRule)
    assert sql.parameters[0].value == "select count(*) from primary"
    assert str(sql) == "CustomSql $mySql between 0 and 100"
    assert values.condition is not None
    assert str(values.condition) == 'in ["US","CA"]'
    assert ruleset.labels_of(sql) == {"frequency": "monthly"}
    assert ruleset.labels_of(count) == {"frequency": "daily", "team": "finance"}
    assert isinstance(both, CompositeRule)
    assert both.labels == {"team": "sales"}
    assert [one.type for one in ruleset.analyzers] == ["DistinctValuesCount", "ColumnLength"]


def test_operands_have_their_kinds() -> None:
    """Numbers, functions, dates and keywords are distinguished; operators have no precedence (awslabs/dqdl)."""
    rules = parse('Rules = [ RowCount > 1 + 2 * last(3), ColumnValues "d" in [NULL, "2023-01-01"] ]').rules
    first, second = rules
    assert isinstance(first, SimpleRule)
    assert isinstance(second, SimpleRule)
    assert first.condition is not None
    assert second.condition is not None
    assert first.condition.operator is Operator.GREATER
    summed = Arithmetic(Number("1"), "+", Number("2"))
    assert first.condition.operands == (Arithmetic(summed, "*", Call("last", (Number("3"),))),)
    assert second.condition.operands == (Keyword.NULL, Date("2023-01-01"))


REFUSED = (
    ("", 1, 1, "No rules or analyzers provided."),
    ("rules = [ RowCount > 0 ]", 1, 1, "did you mean Rules?"),
    ("Rules = { RowCount > 0 }", 1, 9, "expected '['"),
    ("Rules = [ ]", 1, 1, "No rules or analyzers provided."),
    ("Rules = [ RowCount > 0 ] Rules = [ RowCount > 1 ]", 1, 26, "each once"),
    ('Rules = [\n  RowCount > 0,\n  IsNotNull "a"\n]', 3, 3, "Rule Type: IsNotNull is not valid"),
    ('Rules = [ isComplete "a" ]', 1, 11, "did you mean IsComplete?"),
    ('Rules = [ IsComplete "a" IsUnique "b" ]', 1, 11, "IsComplete takes 1 parameter(s), not 3"),
    ('Rules = [ RowCount > 0 IsUnique "b" ]', 1, 24, "rules are separated by commas"),
    ("Rules = [ RowCount > 0, ]", 1, 25, "delete the last comma"),
    ('Rules = [ Completeness "a" ]', 1, 28, "for example: > 0.9"),
    ('Rules = [ IsUnique "a" > 1 ]', 1, 11, "Unexpected condition for rule of type IsUnique"),
    ('Rules = [ ColumnValues "a" > "b" ]', 1, 28, "compares numbers, dates"),
    ('Rules = [ ColumnValues "a" in [1, "b"] ]', 1, 28, "numbers and texts"),
    ("Rules = [ IsComplete 'a' ]", 1, 22, 'texts are in double quotes: "'),
    ('Rules = [ IsComplete "a ]', 1, 22, "no closing quote"),
    ("Rules = [ // a comment\n RowCount > 0 ]", 1, 11, "comments begin with #"),
    ("Rules = [ RowCount BETWEEN 1 and 2 ]", 1, 11, "RowCount takes 0 parameter(s)"),
    ('Rules = [ DataFreshness "a" <= 3 week ]', 1, 34, "'week' behind 3 is not a unit"),
    ('Rules = [ ColumnValues "a" = "2022-13-01" ]', 1, 30, "is not a date or time that exists"),
    ('Rules = [ Mean "a" > 1 with threshold > 0.4 ]', 1, 29, "Threshold condition not supported"),
    ('Rules = [ ColumnCount > 1 where "x = 1" ]', 1, 33, "Where clause is not supported"),
    ("Rules = [ CustomSql $sql > 1 ]", 1, 22, "constant 'sql' is not defined"),
    ('Rules = [ (IsComplete "a" labels=["x"="y"]) and (IsUnique "a") ]', 1, 1, "inside a composite rule"),
    ('Rules = [ AllStatistics "a" ]', 1, 11, "not supported in rules section"),
    ('Analyzers = [ Completeness "a" > 0.5 ]', 1, 32, "an analyzer has no condition"),
    ("Rules = [ " + "(" * 200 + "RowCount > 0", 1, 112, "nested more than 100 times"),
)


@pytest.mark.parametrize(("document", "line", "column", "part"), REFUSED)
def test_what_is_not_dqdl_is_refused_at_its_place(document: str, line: int, column: int, part: str) -> None:
    """An error has line, column and advice; what is refused is what AWS's parser refuses (awslabs/dqdl)."""
    with pytest.raises(DqdlError) as caught:
        parse(document)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert part in str(caught.value)
