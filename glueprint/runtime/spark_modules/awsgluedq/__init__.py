"""AWS Glue Data Quality, as scripts import it."""
