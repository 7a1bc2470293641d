"""Each rule type on data of which the values are worked out by hand."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest
from pyspark.sql.utils import IllegalArgumentException

from glueprint.dqdl import parse
from glueprint.runtime.quality.evaluation import Evaluation, Options, evaluate
from glueprint.runtime.quality.outcomes import Outcome
from glueprint.runtime.quality.row_level import Labelling
from glueprint.runtime.storage.errors import NotSupportedLocally

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = pytest.mark.spark

NOW = datetime.datetime(2022, 7, 1, 12, 0, 30)
ROWS = [
    (1, "a", 10.0, "US", datetime.date(2022, 6, 1), "5", datetime.datetime(2022, 7, 1, 11)),
    (2, "bb", 20.0, "CA", datetime.date(2022, 6, 15), "6", datetime.datetime(2022, 7, 1, 9)),
    (3, None, 30.0, "US", None, "x", datetime.datetime(2022, 6, 30, 12)),
    (4, "", 40.0, "  ", datetime.date(2022, 6, 30), None, datetime.datetime(2022, 6, 29, 13)),
]
COLUMNS = "id int, name string, price double, country string, day date, number string, at timestamp"
ENTROPY = -(0.5 * math.log(0.5) + 2 * 0.25 * math.log(0.25))

PASS: Mapping[str, Mapping[str, float]] = {
    "RowCount = 4": {"Dataset.*.RowCount": 4.0},
    'RowCount = 2 where "price > 20"': {"Dataset.*.RowCount": 2.0},
    "ColumnCount = 7": {"Dataset.*.ColumnCount": 7.0},
    'ColumnExists "ID"': {},
    'ColumnNamesMatchPattern "^[a-z]+$"': {"Dataset.*.ColumnNamesPatternMatchRatio": 1.0},
    'Completeness "name" = 0.75': {"Column.name.Completeness": 0.75},
    'IsComplete "name" where "id < 3"': {"Column.name.Completeness": 1.0},
    'IsUnique "id"': {"Column.id.Uniqueness": 1.0},
    'IsUnique "id" "country"': {"Multicolumn.id,country.Uniqueness": 1.0},
    'IsPrimaryKey "id"': {"Column.id.Uniqueness": 1.0, "Column.id.Completeness": 1.0},
    'Uniqueness "country" = 0.5': {"Column.country.Uniqueness": 0.5},
    'DistinctValuesCount "country" = 3': {"Column.country.DistinctValuesCount": 3.0},
    'UniqueValueRatio "country" > 0.66': {"Column.country.UniqueValueRatio": 2 / 3},
    'Entropy "country" > 1': {"Column.country.Entropy": ENTROPY},
    'Mean "price" = 25': {"Column.price.Mean": 25.0},
    'Sum "price" = 100': {"Column.price.Sum": 100.0},
    'StandardDeviation "price" between 11 and 12': {"Column.price.StandardDeviation": 125**0.5},
    'ColumnCorrelation "id" "price" > 0.99': {"Multicolumn.id,price.ColumnCorrelation": 1.0},
    'ColumnValues "id" > 0': {"Column.id.Minimum": 1.0},
    'ColumnValues "id" <= 4': {"Column.id.Maximum": 4.0},
    'ColumnValues "id" between 0 and 5': {"Column.id.Minimum": 1.0, "Column.id.Maximum": 4.0},
    'ColumnValues "id" in [1,2,3] with threshold > 0.7': {"Column.id.ColumnValues.Compliance": 0.75},
    'ColumnValues "name" in ["a","bb",NULL,EMPTY]': {"Column.name.ColumnValues.Compliance": 1.0},
    'ColumnValues "country" in ["US","CA",WHITESPACES_ONLY]': {"Column.country.ColumnValues.Compliance": 1.0},
    'ColumnValues "name" != "c"': {"Column.name.ColumnValues.Compliance": 1.0},
    'ColumnValues "country" matches "US|CA" with threshold = 0.75': {"Column.country.PatternMatch": 0.75},
    'ColumnValues "day" in ["2022-06-01","2022-06-15","2022-06-30",NULL]': {
        "Column.day.ColumnValues.Compliance": 1.0
    },
    'ColumnValues "day" between "2022-05-31" and "2022-07-01" where "day is not null"': {
        "Column.day.ColumnValues.Compliance": 1.0
    },
    'ColumnValues "at" > (now() - 3 days)': {"Column.at.ColumnValues.Compliance": 1.0},
    'ColumnValues "at" > (now() - 4 hours) with threshold = 0.5': {"Column.at.ColumnValues.Compliance": 0.5},
    'ColumnLength "name" < 3': {"Column.name.MaximumLength": 2.0},
    'ColumnLength "country" = 2': {"Column.country.MinimumLength": 2.0, "Column.country.MaximumLength": 2.0},
    'ColumnDataType "number" = "Integer" with threshold = 0.5': {"Column.number.ColumnDataType.Compliance": 0.5},
    'DataFreshness "at" <= 2 days': {"Column.at.DataFreshness.Compliance": 1.0},
    'CustomSql "select count(*) from primary" between 3 and 5': {"Dataset.*.CustomSQL": 4.0},
    'CustomSql "select id from primary where id < 3" with threshold > 0.4': {
        "Dataset.*.CustomSQL.Compliance": 0.5
    },
    'CustomSql "select count(*) from primary p join ref r on p.id = r.rid" = 3': {"Dataset.*.CustomSQL": 3.0},
    'ReferentialIntegrity "id" "ref.rid" = 0.75': {"Column.ref.ReferentialIntegrity": 0.75},
    'ReferentialIntegrity "id,country" "ref.{rid,code}" = 0.5': {"Column.ref.ReferentialIntegrity": 0.5},
    'DatasetMatch "ref" "id->rid" "country->code" = 0.5': {"Dataset.ref.DatasetMatch": 0.5},
    'RowCountMatch "ref" > 1.3': {"Dataset.ref.RowCountMatch": 4 / 3},
    'SchemaMatch "same" = 1.0': {"Dataset.same.SchemaMatch": 1.0},
    'AggregateMatch "sum(id)" "sum(ref.rid)" > 1.6': {"Column.id,rid.AggregateMatch": 10 / 6},
    "RowCount > avg(last(3))": {"Dataset.*.RowCount": 4.0},
}
"""Rules that pass, and what they measure."""

CONSTRAINT = "Value: {} does not meet the constraint requirement!"
FAIL: Mapping[str, str] = {
    "RowCount > 10": CONSTRAINT.format(4),
    'ColumnExists "nope"': "Input data does not include column nope!",
    'IsComplete "nope"': "Input data does not include column nope!",
    'ColumnNamesMatchPattern "^.{2,4}$"': "Columns that do not match the pattern: price, country, number",
    'IsComplete "name"': CONSTRAINT.format(0.75),
    'IsUnique "country"': CONSTRAINT.format(0.5),
    'IsPrimaryKey "name"': CONSTRAINT.format(0.75),
    'ColumnValues "id" between 1 and 5': CONSTRAINT.format(1.0),
    'ColumnValues "id" in [1,2,3]': CONSTRAINT.format(0.75),
    'ColumnValues "name" != NULL': CONSTRAINT.format(0.75),
    'ColumnValues "day" > "2022-05-30"': CONSTRAINT.format(0.75),
    'ColumnLength "name" > 0': CONSTRAINT.format(0.0),
    'ColumnDataType "number" = "Integer"': CONSTRAINT.format(0.5),
    'Mean "name" > 3': "Expected type of column name to be one of (Byte, Decimal, Double, Float, Integer, Long, "
    "Short), but found StringType instead!",
    'DataFreshness "day" <= 1 days': "0.00 % of rows passed the threshold",
    'CustomSql "select id from primary where id < 3"': CONSTRAINT.format(0.5),
    'CustomSql "select id, name from primary" > 0': "Custom SQL did not return exactly 1 column",
    'CustomSql "select count(*) from primary"': "The output from CustomSQL must contain at least one column that "
    "matches the input dataset. Ensure that matching columns are returned from the SQL.",
    'ReferentialIntegrity "id" "other.rid" = 1': "other not found in additional sources (there are: ref, same)",
    'DatasetMatch "same" "country" = 1.0': "Provided key map not suitable for given data frames",
    'SchemaMatch "ref" = 1.0': "Column counts do not match",
    "RowCount > last(2)": "Rule threshold results in list, and a single value is expected. Use aggregation "
    "functions to produce a single value.",
    "RowCount > index(last(2), 2)": "'index(last(2),2)': there are only 2 earlier values, counted from 0",
}
"""Rules that fail, and why."""


@pytest.fixture(scope="module")
def data(spark: SparkSession) -> DataFrame:
    """Four rows."""
    return spark.createDataFrame(ROWS, COLUMNS)


@pytest.fixture(scope="module")
def outcomes(spark: SparkSession, data: DataFrame) -> dict[str, Outcome]:
    """All rules, evaluated together."""
    reference = spark.createDataFrame([(1, "US"), (2, "CA"), (3, "MX")], "rid int, code string")
    sources = {"ref": reference, "same": data}
    options = Options(sources, lambda metric, count: [3.0, 2.0][:count], now=NOW)
    found = evaluate(data, parse(f"Rules = [ {', '.join([*PASS, *FAIL])} ]"), options)
    return dict(zip([*PASS, *FAIL], found.outcomes, strict=True))


@pytest.mark.parametrize("rule", PASS)
def test_a_rule_passes_with_its_metrics(outcomes: dict[str, Outcome], rule: str) -> None:
    """Metrics have AWS's names (DG:dqdl-rule-types) and the values of four rows."""
    outcome = outcomes[rule]
    assert (outcome.passed, outcome.reason) == (True, None)
    assert dict(outcome.metrics) == pytest.approx(dict(PASS[rule]))


@pytest.mark.parametrize("rule", FAIL)
def test_a_rule_fails_with_its_reason(outcomes: dict[str, Outcome], rule: str) -> None:
    """Reasons are AWS's texts where they are published (DG:dqdl-rule-types and its pages, awslabs/deequ)."""
    outcome = outcomes[rule]
    assert (outcome.passed, outcome.reason) == (False, FAIL[rule])


def _evaluated(data: DataFrame, rules: str, *, by_row: bool = False) -> Evaluation:
    return evaluate(data, parse(f"Rules = [ {rules} ]"), Options(by_row=by_row, now=NOW))


def test_composite_rules_are_about_the_dataset_or_about_rows(spark: SparkSession) -> None:
    """The example of DG:dqdl, "How Composite rules work": Failed by column, Passed by row."""
    data = spark.createDataFrame([(2, 1), (0, 3)], "myCol1 int, myCol2 int")
    rule = '(ColumnValues "myCol1" > 1) OR (ColumnValues "myCol2" > 2)'
    assert [one.passed for one in _evaluated(data, rule).outcomes] == [False]
    found = _evaluated(data, rule, by_row=True)
    assert [one.passed for one in found.outcomes] == [True]
    rows = found.rows(Labelling()).collect()
    assert [(row.DataQualityRulesPass, row.DataQualityEvaluationResult) for row in rows] == [
        ([rule], "Passed")
    ] * 2


def test_rows_that_the_where_clause_excludes_pass_or_are_skipped(spark: SparkSession) -> None:
    """The table of DG:dqdl, "Where clause behaviour when Row level error record identification is turned on"."""
    values = [(1, "a", "f"), (2, "b", "d"), (3, "a", None), (4, "a", "f"), (5, "b", None), (6, "a", "f")]
    data = spark.createDataFrame(values, "id int, att1 string, att2 string")
    found = _evaluated(data, 'IsComplete "att2" where "att1 = \'a\'"')
    rule = str(found.ruleset.rules[0])
    by_default = {row.id: row for row in found.rows(Labelling()).collect()}
    assert [id_ for id_, row in by_default.items() if row.DataQualityRulesFail] == [3]
    assert all(not row.DataQualityRulesSkip for row in by_default.values())
    skipped = found.rows(Labelling(skips_filtered=True)).where(
        f"array_contains(DataQualityRulesSkip, '{rule.replace(chr(39), chr(92) + chr(39))}')"
    )
    assert sorted(row.id for row in skipped.collect()) == [2, 5]


def test_null_follows_the_guide(spark: SparkSession) -> None:
    """DG:dqdl-rule-types-ColumnValues and -ColumnLength, "Null behavior"."""
    data = spark.createDataFrame([(30, "abc"), (None, None)], "Age int, Postal_Code string")
    rules = {
        'ColumnValues "Age" > 21': False,
        'ColumnValues "Age" != 21': True,
        'ColumnValues "Age" not in [21, 22, 23]': True,
        'ColumnValues "Age" not in [21, 22, 23, NULL]': False,
        '(ColumnValues "Age" != 21) and (ColumnValues "Age" != NULL)': False,
        'ColumnLength "Postal_Code" > 2': False,
        'ColumnLength "Postal_Code" < 6': True,
    }
    found = _evaluated(data, ", ".join(rules))
    assert [one.passed for one in found.outcomes] == list(rules.values())
    assert found.outcomes[0].reason == "Value: NULL does not meet the constraint requirement!"
    by_row = _evaluated(data, '(ColumnValues "Age" > 21) or (ColumnValues "Age" = NULL)', by_row=True)
    assert by_row.outcomes[0].passed


def test_a_dataset_without_rows_fails_what_is_about_values(data: DataFrame) -> None:
    """RowCount knows what to say of no rows; a rule about values has nothing to pass with (awslabs/deequ)."""
    found = _evaluated(data.where("false"), 'RowCount = 0, IsComplete "id", IsUnique "id", Mean "id" > 0')
    assert [one.passed for one in found.outcomes] == [True, False, False, False]


def test_a_where_clause_that_is_not_sql_is_refused(data: DataFrame) -> None:
    """In AWS's words (DG:dqdl, "Filtering with Where Clause")."""
    with pytest.raises(
        IllegalArgumentException,
        match=r'Rule IsComplete "id" where "no such" has provided an invalid where clause :',
    ):
        _evaluated(data, 'IsComplete "id" where "no such"')


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ('DetectAnomalies "RowCount"', "DetectAnomalies"),
        ('FileUniqueness "s3://b/k" > 0.5', "FileUniqueness"),
        ("RowCount > last()", r"last\(\) in a DQDL rule"),
    ],
)
def test_what_is_not_built_is_refused_by_name(data: DataFrame, rule: str, name: str) -> None:
    """Never a made-up outcome."""
    with pytest.raises(NotSupportedLocally, match=name):
        _evaluated(data, rule)


def test_any_number_of_rules_is_two_jobs_of_spark(spark: SparkSession, data: DataFrame) -> None:
    """One aggregation and one count of frequencies, whatever the number of rules (with AQE a job per stage)."""
    tracker = spark.sparkContext.statusTracker()
    rules = [
        rule
        for rule in PASS
        if not rule.startswith(("CustomSql", "Ref", "Dataset", "RowCountMatch", "Agg", "Schema", "RowCount >"))
    ]

    def jobs(count: int) -> int:
        group = f"quality-{count}"
        spark.sparkContext.setJobGroup(group, group)
        _evaluated(data, ", ".join(rules[:count]))
        return len(tracker.getJobIdsForGroup(group))

    assert jobs(len(rules)) <= jobs(11) + 1
    assert len(rules) > 30
