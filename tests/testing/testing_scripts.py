"""Scripts that the tests of the pytest plugin run, as a user would write them."""

SPARK = """
import sys
from awsglue.context import GlueContext
from awsglue.job import Job
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

args = getResolvedOptions(sys.argv, ["JOB_NAME", "source", "target"])
glue = GlueContext(SparkContext.getOrCreate())
spark = glue.spark_session
job = Job(glue)
job.init(args["JOB_NAME"], args)
orders = spark.read.json(args["source"])
orders.createOrReplaceTempView("orders")
spark.conf.set("spark.sql.shuffle.partitions", "1")
totals = spark.sql("SELECT country, sum(amount) AS total FROM orders GROUP BY country")
totals.write.mode("overwrite").json(args["target"])
print("countries:", totals.count())
job.commit()
spark.sparkContext.stop()
"""

FAILING = """
import os, sys
import helper_beside
os.environ["LEFT_BEHIND"] = "yes"
os.chdir("/")
def load():
    raise ValueError("no column 'amount'")
load()
"""

SHELL = """
import sys
import boto3
from awsglue.utils import getResolvedOptions
args = getResolvedOptions(sys.argv, ["bucket"])
print(len(boto3.client("s3").list_objects_v2(Bucket=args["bucket"]).get("Contents", [])), "objects")
"""

LEAVING = """
import os, sys
from pyspark.sql import SparkSession
sys.path.append(os.path.join(os.path.dirname(__file__), "lib"))
import module_elsewhere
spark = SparkSession.builder.getOrCreate()
spark.range(2).createOrReplaceGlobalTempView("everywhere")
spark.sql("CREATE DATABASE own")
spark.range(2).write.saveAsTable("own.numbers")
spark.range(2).write.saveAsTable("kept")
sys.exit("that was all")
"""

REFUSED = """
from awsglue.context import GlueContext
from pyspark.context import SparkContext
glue = GlueContext(SparkContext.getOrCreate())
glue.create_dynamic_frame.from_options("s3", {"paths": ["s3://absent/"]}, "json")
"""
