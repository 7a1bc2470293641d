"""AWS's words for a refused request.

Source: IAM user guide, "Troubleshoot access denied error messages"; S3 user guide, "Troubleshoot access denied
(403 Forbidden) errors in Amazon S3", which writes the resource in quotes.
"""

from __future__ import annotations

from glueprint.iam.evaluation import Refusal, Request


def access_denied(principal: str, request: Request, refusal: Refusal) -> str:
    """Return the message of an AccessDenied error.

    Args:
        principal: the ARN of the caller.
    """
    resource = f'"{request.resource}"' if request.action.startswith("s3:") else request.resource
    refused = f"User: {principal} is not authorized to perform: {request.action} on resource: {resource}"
    if refusal.is_explicit:
        article = "an" if refusal.policy_type.startswith("i") else "a"
        return f"{refused} with an explicit deny in {article} {refusal.policy_type}"
    return f"{refused} because no {refusal.policy_type} allows the {request.action} action"
