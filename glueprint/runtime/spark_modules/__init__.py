"""Python packages of AWS Glue that Amazon does not publish: this folder is on the module path of Spark jobs."""
