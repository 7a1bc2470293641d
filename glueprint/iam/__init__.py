"""IAM policies: what a call requires, and whether policies allow it. Pure.

In: an operation with its parameters (:func:`calls.authorizations`: from operations of Glue, S3, CloudWatch Logs,
Athena, Step Functions and EventBridge to actions and ARNs, as in AWS's Service Authorization Reference), and
policy documents (:func:`documents.parse`). Out: :func:`evaluation.decide` states whether the policies allow it,
with AWS's words for a refusal (:mod:`messages`).

Used on both sides: ``glueprint serve --enforce-iam`` refuses with it, ``glueprint policy`` writes policies with
the same tables of actions. What cannot be evaluated (an operator or a key of a condition) is refused by name,
never ignored.
"""
