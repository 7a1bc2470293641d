"""Reading tables of the Data Catalog with Spark SQL."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pyspark.sql import Row
from pyspark.sql.utils import AnalysisException
from sparksql_lake import CSV, JSON, ORCS, PARQUETS, QUOTED, Format, SqlLake

pytestmark = pytest.mark.spark


def test_csv_with_partitions(lake: SqlLake) -> None:
    """A crawled CSV table is read with its types by spark.sql, spark.table and spark.read.table, and only the
    required partitions are read (docs/fidelity/sparksql.md).
    """
    lake.crawled("sales", CSV, {"id": "bigint", "name": "string"}, ["year", "month"])
    lake.put("sales/year=2023/month=1/f.csv", "1,a\n2,b\n")
    lake.put("sales/year=2024/month=2/f.csv", "3,c\nx,d\n")
    lake.partition("sales", "2023", "1", folder="year=2023/month=1")
    lake.partition("sales", "2024", "2", folder="year=2024/month=2")
    assert lake.rows("select * from sales where year = '2023'") == [(1, "a", "2023", "1"), (2, "b", "2023", "1")]
    assert lake.rows("select id, name from sales where year > '2023' and month in ('2', '3')") == [
        (3, "c"),
        (None, "d"),
    ]
    assert lake.session.table("sales").count() == lake.session.read.table(f"{lake.database}.sales").count() == 4


def test_a_partition_without_data(lake: SqlLake) -> None:
    """A partition without a directory fails when it is read, and only then: pruning does not read directories
    (Hadoop's FileInputFormat, the same on AWS).
    """
    lake.crawled("holes", CSV, {"id": "int"}, ["p"])
    lake.put("holes/p=1/f", "1\n")
    lake.partition("holes", "1", folder="p=1")
    lake.partition("holes", "2", folder="nowhere")
    assert lake.rows("select * from holes where p = '1'") == [(1, "1")]
    with pytest.raises(Exception, match="Input path does not exist"):
        lake.rows("select * from holes")


def test_tables_and_partitions_that_others_create_are_found(lake: SqlLake) -> None:
    """A table and a partition that others create while the job runs are found by the next statement (every
    statement requests them from Glue, as on AWS).
    """
    with pytest.raises(AnalysisException, match="TABLE_OR_VIEW_NOT_FOUND"):
        lake.rows("select * from late")
    lake.crawled("late", PARQUETS, {"id": "bigint"}, ["p"])
    assert lake.rows("select * from late") == []
    lake.session.range(2).write.parquet(lake.uri("late/p=1"))
    lake.partition("late", "1", folder="p=1")
    assert lake.rows("select * from late") == [(0, "1"), (1, "1")]
    lake.session.range(3).write.parquet(lake.uri("late/p=2"))
    lake.partition("late", "2", folder="p=2")
    assert lake.rows("select count(*) from late") == [(5,)]


def test_columnar_files_of_another_case(lake: SqlLake) -> None:
    """Parquet and ORC files with upper-case columns are read through a catalog with lower-case names, also
    nested ones (Spark's Hive tables ignore case; crawlers write lower case).
    """
    query = "select 1 as Id, named_struct('City', 'Rome', 'Zip', 5) as Home, cast(2.50 as decimal(4,2)) as Pay"
    frame = lake.session.sql(query)
    columns = {"id": "int", "home": "struct<city:string,zip:int>", "pay": "decimal(4,2)"}
    for name, form in (("parquets", PARQUETS), ("orcs", ORCS)):
        frame.write.format(name.removesuffix("s")).save(lake.uri(f"{name}/"))
        lake.crawled(name, form, columns)
        assert lake.rows(f"select id, home.city, HOME.ZIP, pay from {name} where ID = 1") == [
            (1, "Rome", 5, Decimal("2.50"))
        ]


def test_a_view_of_athena(lake: SqlLake) -> None:
    """A view that Athena created is an error of Spark's parser: its text is a comment (the same on AWS). The error
    is another one in Spark 4.
    """
    lake.glue.create_table(
        DatabaseName=lake.database,
        TableInput={
            "Name": "foreign",
            "TableType": "VIRTUAL_VIEW",
            "Parameters": {"presto_view": "true"},
            "ViewOriginalText": "/* Presto View: eyJ9 */",
            "ViewExpandedText": "/* Presto View */",
            "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "int"}], "SerdeInfo": {}},
        },
    )
    with pytest.raises(AnalysisException, match=r"INVALID_VIEW_TEXT|PARSE_SYNTAX_ERROR"):
        lake.rows("select * from foreign")


def test_quoted_csv(lake: SqlLake) -> None:
    """OpenCSVSerde reads quoted cells, all as strings; a header is a row, because Spark ignores
    skip.header.line.count (SPARK-11374).
    """
    lake.crawled("quoted", QUOTED, {"a": "string", "b": "int"}, parameters={"skip.header.line.count": "1"})
    lake.put("quoted/f.csv", 'a,b\n1,"x,y"\n')
    assert lake.rows("select * from quoted") == [("1", "x,y"), ("a", "b")]


@pytest.mark.parametrize("form", [CSV, QUOTED], ids=["LazySimpleSerDe", "OpenCSVSerde"])
def test_csv_is_the_same_for_spark_sql_and_for_dynamic_frames(lake: SqlLake, form: Format) -> None:
    """``from_catalog`` and ``spark.sql`` agree on empty cells, on cells that a line lacks and, for
    LazySimpleSerDe, on ``\\N``: Hive's SerDes decide (Hive, "LanguageManual DDL": NULL DEFINED AS)."""
    kind = "int" if form is CSV else "string"
    lake.crawled("t", form, {"a": kind, "b": "string", "c": "string"}, parameters={"classification": "csv"})
    lake.put("t/f.csv", "1,,x\n2,y,\n,z,w\n3,u\n4\n" + ("5,\\N,v\n\\N,n,m\n" if form is CSV else '5,"",v\n'))
    found = lake.frame("t")
    assert found == lake.rows("select * from t")
    one = 1 if form is CSV else "1"
    assert (one, "", "x") in found
    if form is CSV:
        assert {(None, "z", "w"), (3, "u", None), (4, None, None), (5, None, "v"), (None, "n", "m")} <= set(found)
    else:
        assert {("", "z", "w"), ("3", "u", None), ("4", None, None), ("5", "", "v")} <= set(found)


def test_json_is_read_by_sparks_own_reader(lake: SqlLake, capfd: pytest.CaptureFixture[str]) -> None:
    """A JSON table is read with the catalog's types although its SerDe is not available, and the log contains
    what AWS would have required (docs/fidelity/sparksql.md).
    """
    columns = {"id": "bigint", "tags": "array<string>", "at": "struct<x:int,y:double>"}
    lake.crawled("events", JSON, columns, ["day"])
    lake.put("events/day=1/f.json", '{"id": 1, "tags": ["a"], "at": {"x": 2, "y": 0.5}}\n{"id": 2}\n')
    lake.partition("events", "1", folder="day=1")
    assert lake.rows("select * from events") == [
        (1, ["a"], Row(x=2, y=0.5), "1"),
        (2, None, None, "1"),
    ]
    lake.do("insert into events partition (day = '2') select 3L, array('z'), named_struct('x', 1, 'y', 2D)")
    assert lake.rows("select id from events where day = '2'") == [(3,)]
    added = lake.glue.get_partition(
        DatabaseName=lake.database, TableName="events", PartitionValues=["2"]
    )["Partition"]
    assert added["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"] == JSON.serde
    assert "glueprint.shown.as" not in lake.described("events")["Parameters"]
    with pytest.raises(AnalysisException, match="cannot be changed with Spark SQL"):
        lake.do("alter table events set tblproperties ('a' = 'b')")


def test_a_query_with_many_features(lake: SqlLake) -> None:
    """Temporary views, CTEs, subqueries, joins of several tables, backticks and names in any case work as in
    Spark.
    """
    lake.crawled("people", CSV, {"id": "int", "name": "string"})
    lake.put("people/f", "1,Ann\n2,Bob\n")
    lake.do(f"create table `{lake.database}`.`orders` using parquet as select 1 as person, 5 as amount")
    lake.session.createDataFrame([(1, "vip")], "id int, rank string").createOrReplaceTempView("ranks")
    query = f"""
        with big as (select * from Orders where amount > (select min(id) from PEOPLE))
        select p.NAME, r.rank, b.amount from {lake.database}.people p
        join big b on b.person = p.id left join ranks r using (id)
        where exists (select 1 from `orders` o where o.person = p.id)
    """
    assert lake.rows(query) == [("Ann", "vip", 5)]
    lake.session.catalog.dropTempView("ranks")


def test_views(lake: SqlLake) -> None:
    """A view is stored as VIRTUAL_VIEW with its text, and read through its tables (Spark's own form of views).
    """
    lake.crawled("base", CSV, {"id": "int", "name": "string"})
    lake.put("base/f", "1,a\n2,b\n")
    lake.do("create view some as select name from base where id > 1")
    kept = lake.described("some")
    assert (kept["TableType"], kept["ViewOriginalText"]) == (
        "VIRTUAL_VIEW",
        "select name from base where id > 1",
    )
    assert lake.rows("select * from some") == [("b",)]
    lake.do("drop view some")
    assert lake.rows("show views") == []


def test_listing_commands(lake: SqlLake) -> None:
    """SHOW, DESCRIBE and spark.catalog list databases, tables, columns and partitions (Spark's SQL reference).
    """
    lake.crawled("one", CSV, {"id": "int"}, ["p"])
    lake.crawled("two", CSV, {"id": "int"})
    lake.partition("one", "x/y", folder="p=1")
    catalog = lake.session.catalog
    assert lake.rows("show tables") == [(lake.database, "one", False), (lake.database, "two", False)]
    assert lake.rows("show tables like 'o*'") == [(lake.database, "one", False)]
    assert lake.rows("show partitions one") == [("p=x%2Fy",)]
    assert lake.rows("describe one")[-2:] == [("p", "string", None), ("p", "string", None)]
    assert (lake.database,) in lake.rows("show databases")
    assert {each.name for each in catalog.listTables()} == {"one", "two"}
    assert lake.database in {each.name for each in catalog.listDatabases()}
    assert catalog.tableExists("one")
    assert catalog.tableExists(f"{lake.database}.ONE")
    assert not catalog.tableExists("three")
    assert catalog.currentDatabase() == lake.database
    lake.do("use default")
    assert catalog.currentDatabase() == "default"
    assert [each.name for each in catalog.listColumns(f"{lake.database}.one")] == ["id", "p"]


def test_a_thousand_partitions(lake: SqlLake) -> None:
    """A thousand partitions are fetched at once, and a filter requests only the partitions that it needs
    (service model, GetPartitions, Expression).
    """
    lake.crawled("many", CSV, {"id": "int"}, ["p"])
    storage = lake.described("many")["StorageDescriptor"]
    for start in range(0, 1000, 100):
        lake.glue.batch_create_partition(
            DatabaseName=lake.database,
            TableName="many",
            PartitionInputList=[
                {"Values": [f"{number:04}"], "StorageDescriptor": {**storage, "Location": lake.uri("many/0")}}
                for number in range(start, start + 100)
            ],
        )
    lake.put("many/0/f", "7\n")
    assert len(lake.rows("show partitions many")) == 1000
    assert lake.rows("select * from many where p >= '0998'") == [(7, "0998"), (7, "0999")]


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("InputFormat", "StorageDescriptor#InputFormat cannot be null for table: broken"),
        ("SerdeInfo", "StorageDescriptor#SerdeInfo cannot be null for table: broken"),
    ],
)
def test_a_table_that_hive_cannot_read(lake: SqlLake, missing: str, words: str) -> None:
    """A table without formats is refused with the message of Amazon's metastore client (HiveTableValidator)."""
    lake.crawled("broken", CSV, {"id": "int"})
    table = lake.described("broken")
    storage = {name: value for name, value in table["StorageDescriptor"].items() if name != missing}
    lake.glue.update_table(
        DatabaseName=lake.database,
        TableInput={"Name": "broken", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage},
    )
    with pytest.raises(AnalysisException, match=words):
        lake.rows("select * from broken")


def test_an_unknown_serde_is_named(lake: SqlLake) -> None:
    """An unknown SerDe is Hive's own error, which contains the class (as on AWS without its JAR)."""
    lake.crawled("odd", Format("com.example.OddSerDe", {}), {"id": "int"})
    lake.put("odd/f", "1\n")
    with pytest.raises(Exception, match=r"com\.example\.OddSerDe"):
        lake.rows("select * from odd")
