"""Which arguments reach an expression of a script, and which calls a script can make (read, never run)."""

from __future__ import annotations

import ast
import textwrap

import pytest

from glueprint.deploy.permissions.script_calls import script_calls
from glueprint.deploy.permissions.script_sources import data_accesses
from glueprint.deploy.permissions.value_flow import Origins, ValueFlow


def read(text: str, *arguments: str) -> tuple[ast.Module, ValueFlow]:
    """A script with arguments of these names."""
    tree = ast.parse(textwrap.dedent(text))
    return tree, ValueFlow(tree, arguments)


def bucket_of(text: str, *arguments: str) -> Origins:
    """Where the bucket of the script's only call comes from."""
    tree, flow = read(text, *arguments)
    (call,) = script_calls(tree, flow).calls
    return flow.origins(call.parameters["Bucket"])


@pytest.mark.parametrize(
    "text",
    [
        's3.get_object(Bucket=args["source"].split("/")[2], Key="k")',
        """
        def split(location): return location.partition("/")
        bucket, _, key = split(args["source"])
        split(args["target"])
        s3.get_object(Bucket=bucket, Key=key)
        """,
        """
        def copy(client, bucket): client.get_object(Bucket=bucket, Key="k")
        copy(s3, args.get("source"))
        """,
        """
        class Place:
            bucket: str
            other: str
        place = Place(args["source"], other=args["target"])
        s3.get_object(Bucket=place.bucket, Key="k")
        """,
        """
        class Reader:
            def __init__(self, bucket): self._bucket = bucket
            def read(self): return s3.get_object(Bucket=self._bucket, Key="k")
        Reader(args["source"]).read()
        """,
        """
        for one in [args["source"]]:
            s3.get_object(Bucket=one, Key="k")
        """,
    ],
)
def test_arguments_reach_calls_through_names_functions_and_objects(text: str) -> None:
    """The result of a function depends on the arguments of this call, not of all its calls."""
    script = 'import boto3\ns3 = boto3.client("s3")\n' + textwrap.dedent(text)
    assert bucket_of(script, "source", "target").arguments == {"source"}


def test_fields_of_data_classes_are_distinguished_by_annotations() -> None:
    """`Target.location` and `Source.location` have the same name, and are two things."""
    found = bucket_of(
        """
        import boto3
        from dataclasses import dataclass
        from typing import Optional
        s3 = boto3.client("s3")
        @dataclass(frozen=True)
        class Source:
            location: str
        @dataclass(frozen=True)
        class Target:
            location: str
        def write(target: Target): s3.put_object(Bucket=target.location, Key="k")
        def made() -> Optional[Target]: return Target(location=args["target"])
        source = Source(args["source"])
        write(made())
        """,
        "source",
        "target",
    )
    assert found.arguments == {"target"}


def test_answers_of_aws_come_from_outside() -> None:
    """What a call reads by a name that another job wrote may be anywhere."""
    found = bucket_of(
        """
        import boto3, json
        s3 = boto3.client("s3")
        manifest = json.loads(open("manifest").read())
        s3.get_object(Bucket=manifest["bucket"], Key="k")
        """
    )
    assert found.is_external


def operations(text: str, *arguments: str) -> set[str]:
    """The calls of a script."""
    tree, flow = read(text, *arguments)
    return {f"{one.service}.{one.operation}" for one in script_calls(tree, flow).calls}


def test_calls_are_found_through_paginators_waiters_and_transfers() -> None:
    """boto3 reference: get_paginator, get_waiter, and the transfer methods of S3's client."""
    found = operations(
        """
        import boto3
        session = boto3.session.Session()
        def client(service): return session.client(service, region_name="eu-central-1")
        s3, glue = client("s3"), client("glue")
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket="b"): pass
        s3.get_waiter("object_exists").wait(Bucket="b", Key="k")
        s3.upload_file("f", "b", "k")
        glue.get_table(DatabaseName="d", Name="t")
        """
    )
    assert found == {
        *("s3.ListObjectsV2", "s3.HeadObject", "s3.PutObject", "s3.AbortMultipartUpload", "glue.GetTable"),
    }


def test_a_paginator_in_a_variable_has_the_parameters_of_its_pages() -> None:
    """boto3 reference: the parameters are those of paginate, wherever it is called."""
    tree, flow = read(
        """
        import boto3
        paginator = boto3.client("s3").get_paginator("list_objects_v2")
        for page in paginator.paginate(Bucket=args["bucket"]): pass
        """,
        "bucket",
    )
    (call,) = script_calls(tree, flow).calls
    assert (call.operation, flow.origins(call.parameters["Bucket"]).arguments) == ("ListObjectsV2", {"bucket"})


def test_only_what_can_be_reached_counts() -> None:
    """Bundled modules contain functions that a script does not use."""
    found = operations(
        """
        import boto3
        def remove(s3): s3.delete_object(Bucket="b", Key="k")
        def look(s3): return s3.head_object(Bucket="b", Key="k")
        def main(): look(boto3.client("s3"))
        if __name__ == "__main__": main()
        """
    )
    assert found == {"s3.HeadObject"}


def test_calls_of_services_without_a_client_are_none() -> None:
    """A method with the name of an operation of another service is not a call of it."""
    assert operations("import boto3\nboto3.client('s3')\nthing.get_table(DatabaseName='d', Name='t')") == set()


def test_the_resource_interface_is_reported() -> None:
    """Its calls are not found, and that is stated."""
    tree, flow = read("import boto3\nboto3.resource('s3').Bucket('b').objects.all()")
    assert script_calls(tree, flow).resources == (2,)


def test_sources_and_sinks_of_spark_and_awsglue() -> None:
    """DG:aws-glue-programming-etl-connect; PySpark's readers and writers."""
    tree, _ = read(
        """
        frame = glue_context.create_dynamic_frame.from_catalog(database="d", table_name="t")
        other = spark.read.option("header", True).csv("s3://a/in/")
        other.write.mode("append").parquet("s3://b/out/")
        glue_context.write_dynamic_frame.from_options(
            frame=frame, connection_type="s3", connection_options={"path": "s3://b/x/"}, format="parquet")
        """
    )
    found = sorted((one.what, one.writes, one.is_table) for one in data_accesses(tree))
    assert found == [
        ("csv", False, False),
        ("from_catalog", False, True),
        ("from_options", True, False),
        ("parquet", True, False),
    ]
