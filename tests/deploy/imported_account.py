"""An account with a workflow that uses everything that an import copies."""

from __future__ import annotations

from imported_workflows import SCRIPT

from glueprint.client.session import Session

PASSWORD = "correct-horse-battery"
ROLE = "arn:aws:iam::123456789012:role/etl"
COLUMNS = [{"Name": "id", "Type": "bigint"}]


def prepared(session: Session) -> None:
    """Create a workflow with two jobs, a crawler, a connection, a classifier, tables with data."""
    glue, s3 = session.glue, session.client("s3")
    s3.put_object(Bucket="code", Key="etl/load.py", Body=SCRIPT)
    s3.put_object(Bucket="code", Key="lib/names.py", Body=b"X = 1\n")
    for number in range(4):
        s3.put_object(Bucket="data", Key=f"orders/day={number}/part.csv", Body=b"id\n1\n")
    command = {"Name": "pythonshell", "ScriptLocation": "s3://code/etl/load.py", "PythonVersion": "3.9"}
    properties = {"JDBC_CONNECTION_URL": "jdbc:postgresql://db/shop", "USERNAME": "etl", "PASSWORD": PASSWORD}
    glue.create_connection(
        ConnectionInput={"Name": "shop", "ConnectionType": "JDBC", "ConnectionProperties": properties}
    )
    glue.create_classifier(
        GrokClassifier={"Name": "weblog", "Classification": "web", "GrokPattern": "%{IP:ip} %{GREEDYDATA:rest}"}
    )
    glue.create_database(DatabaseInput={"Name": "sales"})
    storage = {"Columns": COLUMNS, "Location": "s3://data/orders/"}
    keys = [{"Name": "day", "Type": "int"}]
    table = {"Name": "orders", "StorageDescriptor": storage, "PartitionKeys": keys, "TableType": "EXTERNAL_TABLE"}
    glue.create_table(DatabaseName="sales", TableInput=table)
    for number in range(2):
        there = {**storage, "Location": f"s3://data/orders/day={number}/"}
        glue.create_partition(
            DatabaseName="sales",
            TableName="orders",
            PartitionInput={"Values": [str(number)], "StorageDescriptor": there},
        )
    glue.create_table(DatabaseName="sales", TableInput={"Name": "private", "StorageDescriptor": storage})
    glue.create_workflow(Name="nightly", DefaultRunProperties={"day": "1"})
    arguments = {"--table": "orders", "--extra-py-files": "s3://code/lib/names.py,s3://code/lib/gone.py"}
    glue.create_job(
        Name="load",
        Role=ROLE,
        Command=command,
        DefaultArguments=arguments,
        Connections={"Connections": ["shop"]},
        SecurityConfiguration="sealed",
    )
    glue.create_job(Name="report", Role=ROLE, Command=command)
    glue.create_crawler(
        Name="crawl",
        Role=ROLE,
        DatabaseName="sales",
        TablePrefix="new_",
        Classifiers=["weblog"],
        Targets={"S3Targets": [{"Path": "s3://data/orders/"}]},
    )
    glue.create_trigger(
        Name="at five",
        WorkflowName="nightly",
        Type="SCHEDULED",
        Schedule="cron(0 5 * * ? *)",
        StartOnCreation=True,
        Actions=[{"JobName": "load"}],
    )
    for name, node in (("then crawl", "CrawlerName"), ("then report", "JobName")):
        glue.create_trigger(
            Name=name,
            WorkflowName="nightly",
            Type="CONDITIONAL",
            StartOnCreation=True,
            Predicate={"Conditions": [{"LogicalOperator": "EQUALS", "JobName": "load", "State": "SUCCEEDED"}]},
            Actions=[{node: "crawl" if node == "CrawlerName" else "report"}],
        )
