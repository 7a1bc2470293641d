"""The job of the DAG job_and_ssh: it states whether files are there, in one object for each DAG run.

A Python shell job. It succeeds whether they are there or not: missing files are an answer, not an error.
"""

import json
import sys

import boto3
from awsglue.utils import getResolvedOptions

arguments = getResolvedOptions(sys.argv, ["location", "result"])
s3 = boto3.client("s3")


def parts(uri):
    bucket, _, key = uri[len("s3://") :].partition("/")
    return bucket, key


bucket, prefix = parts(arguments["location"])
pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
files = [one["Key"] for page in pages for one in page.get("Contents", []) if one["Size"]]
bucket, key = parts(arguments["result"])
result = {"file_presence": bool(files), "files": len(files)}
s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(result).encode())
print(arguments["location"], "has", len(files), "files")
