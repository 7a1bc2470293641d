"""Glueprint: AWS Glue blueprints and workflows, and a local AWS Glue that really runs them."""

__version__ = "0.1.0"
