"""Our ``awsglue.blueprint``: what a layout imports to describe its workflow.

Written from the observed behaviour of Amazon's public library (awslabs/aws-glue-blueprint-libs), which the service
very likely runs: same Create* requests, same refusals, same silent drops - but here each drop is told in a
`LayoutDrop` warning. The layout's child process mounts this directory as the package ``awsglue.blueprint``,
hence the relative imports, the public names, and that nothing here may import glueprint.
"""
