"""Probes of the Data Catalog, connections, classifiers and crawler definitions. All are free."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glueprint.deploy.conformance.lab import Lab
from glueprint.deploy.conformance.probe import Probe, rows

STORAGE = {
    "Columns": [{"Name": "id", "Type": "bigint"}],
    "Location": "s3://glueprint-conformance-nowhere/t/",
    "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"},
}


def _table(lab: Lab, database: str, name: str, **members: Any) -> None:
    table = {"Name": name, "StorageDescriptor": STORAGE, **members}
    lab.glue.create_table(DatabaseName=database, TableInput=table)


def _tables(lab: Lab) -> Mapping[str, Any]:
    glue, database = lab.glue, lab.database()
    for name in ("zebra", "apple", "mango"):
        _table(lab, database, name)
    renamed = {"Name": "pear", "StorageDescriptor": STORAGE}
    current = glue.get_table(DatabaseName=database, Name="apple")["Table"]["VersionId"]
    return {
        "order of GetTables": [one["Name"] for one in glue.get_tables(DatabaseName=database)["TableList"]],
        "UpdateTable with another Name": lab.attempt(
            lambda: glue.update_table(DatabaseName=database, Name="apple", TableInput=renamed), message=False
        ),
        "DeleteTableVersion of the current version": lab.attempt(
            lambda: glue.delete_table_version(DatabaseName=database, TableName="apple", VersionId=current),
            message=False,
        ),
        "TagResource of a table": lab.attempt(
            lambda: glue.tag_resource(
                ResourceArn=f"arn:aws:glue:{glue.meta.region_name}:{_account(lab)}:table/{database}/apple",
                TagsToAdd={"a": "b"},
            ),
            message=False,
        ),
        "UpdateDatabase with another Name": lab.attempt(
            lambda: glue.update_database(Name=database, DatabaseInput={"Name": f"{database}_2"}), message=False
        ),
    }


def _account(lab: Lab) -> str:
    return str(lab.session.client("sts").get_caller_identity()["Account"])


def _partitions(lab: Lab) -> Mapping[str, Any]:
    glue, database = lab.glue, lab.database()
    keys = [{"Name": "year", "Type": "int"}, {"Name": "zone", "Type": "string"}]
    _table(lab, database, "t", PartitionKeys=keys)

    def found(expression: str) -> Any:
        seen: dict[str, Any] = {}
        answer = lab.attempt(
            lambda: seen.update(glue.get_partitions(DatabaseName=database, TableName="t", Expression=expression)),
            message=False,
        )
        return [one["Values"] for one in seen["Partitions"]] if answer == "accepted" else answer

    answers: dict[str, Any] = {"an unknown column, without partitions": found("colour = 'red'")}
    default = "__HIVE_DEFAULT_PARTITION__"
    for values in (["2026", "b"], ["2025", "a"], [default, default]):
        glue.create_partition(DatabaseName=database, TableName="t", PartitionInput={"Values": values})
    answers["order of GetPartitions"] = [
        one["Values"] for one in glue.get_partitions(DatabaseName=database, TableName="t")["Partitions"]
    ]
    for expression in (
        *("year > 2025", "year <> 2025", "year is null", f"year = '{default}'", f"zone = '{default}'"),
        *("zone is null", "zone like '%'", "zone != 'a'", "2025 = year", "year in (2025, 2026)"),
    ):
        answers[expression] = found(expression)
    return answers


def _search(lab: Lab) -> Mapping[str, Any]:
    glue, database = lab.glue, lab.database()
    _table(lab, database, "orders_2026", Parameters={"zone": "north"}, Description="sales-report, daily")
    filters = [{"Key": "DatabaseName", "Value": database}]

    def found(**request: Any) -> Any:
        seen: dict[str, Any] = {}
        answer = lab.attempt(lambda: seen.update(glue.search_tables(**request)), message=False)
        return len(seen["TableList"]) if answer == "accepted" else answer

    return {
        "a filter key that is a parameter": found(Filters=[*filters, {"Key": "zone", "Value": "north"}]),
        "an unknown filter key": found(Filters=[*filters, {"Key": "colour", "Value": "red"}]),
    }


def _definitions(lab: Lab) -> Mapping[str, str]:
    glue, targets = lab.glue, {"S3Targets": [{"Path": f"s3://{lab.bucket}/in/"}]}
    bad_grok = {"Name": lab.name("grok"), "Classification": "x", "GrokPattern": "%{NOSUCHPATTERN:a}"}
    bad_path = {"Name": lab.name("path"), "JsonPath": "$..["}
    properties = {"JDBC_CONNECTION_URL": "jdbc:mysql://h:3306/d", "USERNAME": "u", "PASSWORD": "p"}
    connection = lab.name("connection")
    wire = {"Name": connection, "ConnectionType": "JDBC", "ConnectionProperties": properties}
    glue.create_connection(ConnectionInput=wire)
    crawler = {"Role": lab.role, "DatabaseName": "default"}
    jdbc = {"JdbcTargets": [{"ConnectionName": "glueprint-nowhere", "Path": "d/%"}]}
    return {
        "a grok classifier with an unknown pattern": lab.attempt(
            lambda: glue.create_classifier(GrokClassifier=bad_grok), message=False
        ),
        "a JSON classifier with a bad path": lab.attempt(
            lambda: glue.create_classifier(JsonClassifier=bad_path), message=False
        ),
        "a crawler with an unknown classifier": lab.attempt(
            lambda: glue.create_crawler(
                Name=lab.name("crawler"), Targets=targets, Classifiers=["glueprint-nowhere"], **crawler
            ),
            message=False,
        ),
        "a crawler with an unknown connection": lab.attempt(
            lambda: glue.create_crawler(Name=lab.name("crawler"), Targets=jdbc, **crawler), message=False
        ),
        "UpdateConnection with another Name": lab.attempt(
            lambda: glue.update_connection(Name=connection, ConnectionInput={**wire, "Name": f"{connection}-2"}),
            message=False,
        ),
        "ResetJobBookmark of a job without one": lab.attempt(
            lambda: glue.reset_job_bookmark(JobName=lab.job("bookmark")), message=False
        ),
    }


def _paging(lab: Lab) -> Mapping[str, Any]:
    glue, database = lab.glue, lab.database()
    keys = [{"Name": "n", "Type": "int"}]
    for number in range(101):
        _table(lab, database, f"t{number:03}", PartitionKeys=keys)
    parts = [{"Values": [str(number)]} for number in range(40)]
    glue.batch_create_partition(DatabaseName=database, TableName="t000", PartitionInputList=parts)
    found = []
    for number in range(2):
        segment = {"SegmentNumber": number, "TotalSegments": 2}
        page = glue.get_partitions(DatabaseName=database, TableName="t000", Segment=segment)
        found.append({one["Values"][0] for one in page["Partitions"]})
    return {
        "tables in a page": len(glue.get_tables(DatabaseName=database)["TableList"]),
        "a NextToken that was not issued": lab.attempt(
            lambda: glue.get_tables(DatabaseName=database, NextToken="bm90IGlzc3VlZA=="), message=False
        ),
        "segments are disjoint and complete": not found[0] & found[1] and len(found[0] | found[1]) == len(parts),
    }


def _index(lab: Lab) -> Mapping[str, str]:
    glue, database = lab.glue, lab.database()
    _table(lab, database, "t", PartitionKeys=[{"Name": one, "Type": "string"} for one in ("a", "b")])
    place = {"DatabaseName": database, "TableName": "t"}
    glue.create_partition_index(**place, PartitionIndex={"IndexName": "first", "Keys": ["a"]})
    return {
        "a second index while the first is built": lab.attempt(
            lambda: glue.create_partition_index(**place, PartitionIndex={"IndexName": "second", "Keys": ["b"]}),
            message=False,
        ),
        "deletion while it is built": lab.attempt(
            lambda: glue.delete_partition_index(**place, IndexName="first"), message=False
        ),
    }


def _functions(lab: Lab) -> Mapping[str, Any]:
    glue, database = lab.glue, lab.database()
    wire = {"FunctionName": "MyFunction", "ClassName": "x.Y", "OwnerName": "o", "OwnerType": "USER"}
    glue.create_user_defined_function(DatabaseName=database, FunctionInput=wire)
    listed = glue.get_user_defined_functions(DatabaseName=database, Pattern="*")["UserDefinedFunctions"]
    renamed = {**wire, "FunctionName": "other"}
    return {
        "names": [one["FunctionName"] for one in listed],
        "UpdateUserDefinedFunction with another name": lab.attempt(
            lambda: glue.update_user_defined_function(
                DatabaseName=database, FunctionName="MyFunction", FunctionInput=renamed
            ),
            message=False,
        ),
    }


def _crawls(lab: Lab) -> Mapping[str, str]:
    glue, crawler = lab.glue, lab.name("crawler")
    targets = {"S3Targets": [{"Path": f"s3://{lab.bucket}/in/"}]}
    glue.create_crawler(Name=crawler, Role=lab.role, DatabaseName="default", Targets=targets)
    answers = {}
    for what, given in (
        ("a filter without a value", {"FieldName": "STATE", "FilterOperator": "EQ"}),
        ("a filter without an operator", {"FieldName": "STATE", "FieldValue": "COMPLETED"}),
        ("GT with a text", {"FieldName": "STATE", "FilterOperator": "GT", "FieldValue": "COMPLETED"}),
    ):
        answers[what] = lab.attempt(lambda: glue.list_crawls(CrawlerName=crawler, Filters=[given]))  # noqa: B023
    return answers


def _updates(lab: Lab) -> Mapping[str, Any]:
    glue, workflow, crawler = lab.glue, lab.name("workflow"), lab.name("crawler")
    glue.create_workflow(Name=workflow, Description="d", DefaultRunProperties={"a": "b"})
    glue.update_workflow(Name=workflow, Description="", DefaultRunProperties={})
    updated = glue.get_workflow(Name=workflow)["Workflow"]
    targets = {"S3Targets": [{"Path": f"s3://{lab.bucket}/in/"}]}
    given = {"Role": lab.role, "DatabaseName": "default", "Targets": targets}
    glue.create_crawler(Name=crawler, Description="d", TablePrefix="p_", **given)
    glue.update_crawler(Name=crawler, Description="", TablePrefix="")
    found = glue.get_crawler(Name=crawler)["Crawler"]
    return {
        "Description of a workflow after an empty one": updated.get("Description", ""),
        "DefaultRunProperties after an empty map": updated.get("DefaultRunProperties") or {},
        "Description of a crawler after an empty one": found.get("Description", ""),
        "TablePrefix after an empty one": found.get("TablePrefix", ""),
        "GetCrawler shows the role as its ARN": found["Role"] == lab.role,
    }


PROBES = (
    Probe(
        "catalog-updates",
        "Do empty members of UpdateWorkflow and UpdateCrawler remove values, and how is a crawler's role shown?",
        "creates a workflow and a crawler, and updates them with empty members",
        rows(
            "blueprint",
            "`glueprint apply`: an empty text or map removes a member of a workflow or crawler",
            "`glueprint apply`: the role of a crawler",
        ),
        _updates,
    ),
    Probe(
        "catalog-paging",
        "How long is a page, how are segments formed, and what does Glue answer to a token that it did not issue?",
        "creates 101 tables and 40 partitions",
        (
            *rows("catalog", "Page size without `MaxResults`", "`Segment`"),
            *rows("operations", "`NextToken` that this service did not issue"),
        ),
        _paging,
    ),
    Probe(
        "catalog-index",
        "With which codes are changes refused while a partition index is built?",
        "creates an index, and a second one at once",
        rows("catalog", "Error codes while an index is built or deleted"),
        _index,
    ),
    Probe(
        "catalog-functions",
        "How are names of user-defined functions written, and can they be changed?",
        "creates a function with capital letters in its name",
        rows(
            "operations", "User-defined functions", "Renaming in `UpdateConnection`, `UpdateUserDefinedFunction`"
        ),
        _functions,
    ),
    Probe(
        "catalog-crawl-filters",
        "How does ListCrawls refuse incomplete filters?",
        "lists the crawls of a crawler that has never run",
        (
            *rows(
                "workflow",
                "A filter of ListCrawls that is incomplete, or compares a text with other than EQ and NE",
            ),
            *rows("operations", "`ListCrawls` filters"),
        ),
        _crawls,
    ),
    Probe(
        "catalog-tables",
        "In which order are tables listed, and which changes of tables and databases are refused?",
        "creates three tables in a database",
        rows(
            "catalog",
            "Order of partitions, tables, databases",
            "Renaming a table (`Name` and `TableInput.Name` differ)",
            "`DeleteTableVersion` of the current version",
            "Tags of tables",
        ),
        _tables,
    ),
    Probe(
        "catalog-partition-expressions",
        "Which partitions match an expression, with null values, other operators and unknown columns?",
        "creates three partitions, one with __HIVE_DEFAULT_PARTITION__",
        rows(
            "catalog",
            "Order of partitions, tables, databases",
            "Errors in an expression",
            "`__HIVE_DEFAULT_PARTITION__`",
            "`Expression` of `GetPartitions`",
        ),
        _partitions,
    ),
    Probe(
        "catalog-search",
        "What does SearchTables do with a filter key that it does not know?",
        "searches for a table by its parameter and by an unknown key",
        rows("catalog", "`SearchTables`: unknown filter keys"),
        _search,
    ),
    Probe(
        "catalog-definitions",
        "Which classifiers, crawlers and connections are refused?",
        "creates definitions that cannot work",
        rows(
            "operations",
            "Classifier that cannot work (unknown grok pattern, bad JSON path)",
            "Unknown classifier in `CreateCrawler`",
            "Renaming in `UpdateConnection`, `UpdateUserDefinedFunction`",
            "`ResetJobBookmark`",
        ),
        _definitions,
    ),
)
