"""Deploying blueprints to any Glue, local or AWS, through boto3.

``definitions`` is the base: what a workflow with its jobs, crawlers and triggers *is*, read from a Glue or made by
a layout. The other rooms build on it, and none of them imports another one.

``repository`` is the organisation's central repository of blueprints: publish, pull, list.
"""
