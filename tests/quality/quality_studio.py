"""A script as Glue Studio generates it for a visual job with an S3 source, a filter and an S3 target."""

# ruff: noqa: E501 - lines as Glue Studio writes them

SCRIPT = """import sys
from awsglue.transforms import *
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext
from awsglue.context import GlueContext
from awsglue.job import Job
from awsgluedq.transforms import EvaluateDataQuality
from awsglue.dynamicframe import DynamicFrame

def sparkSqlQuery(glueContext, query, mapping, transformation_ctx) -> DynamicFrame:
    for alias, frame in mapping.items():
        frame.toDF().createOrReplaceTempView(alias)
    result = spark.sql(query)
    return DynamicFrame.fromDF(result, glueContext, transformation_ctx)
args = getResolvedOptions(sys.argv, ['JOB_NAME'])
sc = SparkContext()
glueContext = GlueContext(sc)
spark = glueContext.spark_session
job = Job(glueContext)
job.init(args['JOB_NAME'], args)

# Default ruleset used by all target nodes with data quality enabled
DEFAULT_DATA_QUALITY_RULESET = \"\"\"
    Rules = [
        ColumnCount > 0
    ]
\"\"\"

# Script generated for node Amazon S3
AmazonS3_node1 = glueContext.create_dynamic_frame.from_options(format_options={"multiLine": "false"}, connection_type="s3", format="json", connection_options={"paths": ["s3://studio/in/"], "recurse": True}, transformation_ctx="AmazonS3_node1")

# Script generated for node SQL Query
SqlQuery0 = '''
select * from myDataSource where amount > 0
'''
SQLQuery_node2 = sparkSqlQuery(glueContext, query = SqlQuery0, mapping = {"myDataSource":AmazonS3_node1}, transformation_ctx = "SQLQuery_node2")

# Script generated for node Evaluate Data Quality
EvaluateDataQuality_node3_ruleset = \"\"\"
    # Example rules: Completeness "colA" between 0.4 and 0.8, ColumnCount > 10
    Rules = [
        IsComplete "customer",
        ColumnValues "amount" > 0,
        RowCount > last() - 1,
        IsUnique "id"
    ]
    Analyzers = [ Completeness "customer" ]
\"\"\"

EvaluateDataQuality_node3 = EvaluateDataQuality().process_rows(frame=SQLQuery_node2, ruleset=EvaluateDataQuality_node3_ruleset, publishing_options={"dataQualityEvaluationContext": "EvaluateDataQuality_node3", "enableDataQualityCloudWatchMetrics": True, "enableDataQualityResultsPublishing": True, "resultsS3Prefix": "s3://studio/results/"}, additional_options={"observations.scope":"ALL","performanceTuning.caching":"CACHE_NOTHING"})

# Script generated for node rowLevelOutcomes
rowLevelOutcomes_node4 = SelectFromCollection.apply(dfc=EvaluateDataQuality_node3, key="rowLevelOutcomes", transformation_ctx="rowLevelOutcomes_node4")
rowLevelOutcomes_node4.toDF().coalesce(1).write.mode("overwrite").json("s3://studio/rows/")

# Script generated for node Amazon S3
EvaluateDataQuality().process_rows(frame=SQLQuery_node2, ruleset=DEFAULT_DATA_QUALITY_RULESET, publishing_options={"dataQualityEvaluationContext": "EvaluateDataQuality_node9", "enableDataQualityResultsPublishing": True}, additional_options={"dataQualityResultsPublishing.strategy": "BEST_EFFORT", "observations.scope": "ALL"})
AmazonS3_node5 = glueContext.write_dynamic_frame.from_options(frame=SQLQuery_node2, connection_type="s3", format="json", connection_options={"path": "s3://studio/out/", "partitionKeys": []}, transformation_ctx="AmazonS3_node5")

assert EvaluateDataQuality_node3[EvaluateDataQuality.DATA_QUALITY_RULE_OUTCOMES_KEY].filter(lambda x: x["Outcome"] == "Failed").count() == 0, "The job failed due to failing DQ rules for node: SQLQuery_node2"

job.commit()
"""
