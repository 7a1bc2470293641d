"""DynamoDB tables, through boto3."""
