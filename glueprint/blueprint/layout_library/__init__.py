"""Glueprint's ``awsglue.blueprint``: what a layout imports to describe its workflow.

Written from the observed behaviour of Amazon's public library (awslabs/aws-glue-blueprint-libs), which the service
very likely runs: the same Create* requests, the same refusals, and the same values are dropped, but here each drop
causes a ``LayoutDrop`` warning. The layout's child process mounts this directory as the package
``awsglue.blueprint``. That is the reason for the relative imports and the public names, and nothing here may
import glueprint.
"""
