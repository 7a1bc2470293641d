"""Which service and which operation a request is for, in each of AWS's protocols."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import parse_qsl

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

from glueprint.local.http.refusals import Dialect
from glueprint.local.http.signatures import claimed_scope
from glueprint.local.http.wire import WireRequest

MODELS: Mapping[str, tuple[str, ...]] = {
    "aidevops": ("devops-agent",),
    "aoss": ("opensearchserverless",),
    "apigateway": ("apigateway", "apigatewayv2"),
    "appconfig": ("appconfig", "appconfigdata"),
    "aps": ("amp",),
    "aws-marketplace": (
        "marketplace-agreement",
        "marketplace-catalog",
        "marketplace-deployment",
        "marketplace-discovery",
        "marketplace-entitlement",
        "marketplace-reporting",
        "meteringmarketplace",
    ),
    "bedrock": (
        "bedrock",
        "bedrock-agent",
        "bedrock-agent-runtime",
        "bedrock-data-automation",
        "bedrock-data-automation-runtime",
        "bedrock-runtime",
    ),
    "bedrock-agentcore": ("bedrock-agentcore", "bedrock-agentcore-control"),
    "cloudhsm": ("cloudhsm", "cloudhsmv2"),
    "connect": ("connect", "connect-contact-lens", "connectscheduling"),
    "connect-campaigns": ("connectcampaigns", "connectcampaignsv2"),
    "dynamodb": ("dynamodb", "dynamodbstreams"),
    "elasticfilesystem": ("efs",),
    "elasticloadbalancing": ("elb", "elbv2"),
    "elasticmapreduce": ("emr",),
    "es": ("es", "opensearch"),
    "execute-api": ("apigatewaymanagementapi", "connectparticipant"),
    "forecast": ("forecast", "forecastquery"),
    "greengrass": ("greengrass", "greengrassv2"),
    "iam": ("iam", "iam-toolbox"),
    "iotdata": ("iot-data",),
    "ivs": ("ivs", "ivs-realtime"),
    "kinesisanalytics": ("kinesisanalytics", "kinesisanalyticsv2"),
    "kinesisvideo": (
        "kinesisvideo",
        "kinesis-video-archived-media",
        "kinesis-video-media",
        "kinesis-video-signaling",
        "kinesis-video-webrtc-storage",
    ),
    "lambda": ("lambda", "lambda-core", "lambda-microvms", "lambda-web"),
    "lex": ("lex-models", "lex-runtime", "lexv2-models", "lexv2-runtime"),
    "mediastore": ("mediastore", "mediastore-data"),
    "mobiletargeting": ("pinpoint",),
    "monitoring": ("cloudwatch",),
    "personalize": ("personalize", "personalize-events", "personalize-runtime"),
    "rds": ("rds", "docdb", "neptune"),
    "resiliencehub": ("resiliencehub", "resiliencehubv2"),
    "s3-outposts": ("s3outposts",),
    "s3": ("s3control",),
    "sagemaker": ("sagemaker", "sagemaker-metrics", "sagemaker-runtime"),
    "sdb": ("sdb", "simpledbv2"),
    "servicecatalog": ("servicecatalog", "servicecatalog-appregistry"),
    "servicequotas": ("service-quotas",),
    "ses": ("ses", "sesv2", "mailmanager", "pinpoint-email"),
    "signer": ("signer", "signer-data"),
    "sso": ("sso-admin",),
    "states": ("stepfunctions",),
    "tagging": ("resourcegroupstaggingapi",),
    "timestream": ("timestream-query", "timestream-write"),
}
"""botocore's names of the services that sign with a name; the name itself where it is not listed."""

_TARGETS = {
    "AWSLakeFormation": "lakeformation",
    "AmazonAthena": "athena",
    "AmazonSQS": "sqs",
    "AmazonSSM": "ssm",
    "AWSStepFunctions": "states",
    "DynamoDBStreams_20120810": "dynamodb",
    "DynamoDB_20120810": "dynamodb",
    "RedshiftData": "redshift-data",
    "TrentService": "kms",
    "secretsmanager": "secretsmanager",
}
"""Services of unsigned JSON requests, by the first part of X-Amz-Target."""
_VERSIONS = {
    "2010-05-08": "iam",
    "2011-06-15": "sts",
    "2010-03-31": "sns",
    "2010-08-01": "monitoring",
    "2016-11-15": "ec2",
}
"""Services of unsigned Query requests, by their parameter ``Version``."""
_CBOR = re.compile(r"/service/(?P<target>\w+)/operation/(?P<operation>\w+)")


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a request is for.

    Attributes:
        service: the name with which its service signs; empty if the request does not name one.
        operation: as in the service model; for REST requests that no model has, method and path.
        dialect: the form of the service's answers.
        parameters: the members of a Query request, by their names on the wire.
    """

    service: str
    operation: str
    dialect: Dialect
    parameters: Mapping[str, str] = field(default_factory=dict)


def purpose_of(request: WireRequest, body: bytes) -> Purpose:
    """Return what ``request`` is for; operations are named only where their service expects them."""
    scope = claimed_scope(request)
    service = scope.service.lower() if scope is not None else ""
    path = request.raw_path.decode("latin-1")
    target = request.header("x-amz-target")
    if target is not None and path == "/":
        prefix, _, operation = target.rpartition(".")
        return Purpose(service or _TARGETS.get(prefix, ""), operation, Dialect.JSON)
    if cbor := _CBOR.fullmatch(path):
        return Purpose(service or cbor["target"], cbor["operation"], Dialect.CBOR)
    parameters = _parameters(request, body)
    if "Action" in parameters and (path == "/" or (service == "sqs" and request.method == "POST")):
        service = service or _VERSIONS.get(parameters.get("Version", ""), "")
        dialect = Dialect.EC2 if service == "ec2" else Dialect.QUERY
        return Purpose(service, parameters["Action"], dialect, parameters)
    name, dialect = _rest_operation(service, request, path)
    return Purpose(service, name, dialect)


def _parameters(request: WireRequest, body: bytes) -> dict[str, str]:
    content_type = (request.header("content-type") or "").partition(";")[0].strip().lower()
    sent = [request.query.decode("latin-1")]
    if content_type == "application/x-www-form-urlencoded":
        sent.append(body.decode("utf-8", "replace"))
    return dict(pair for text in sent for pair in parse_qsl(text, keep_blank_values=True))


def _rest_operation(service: str, request: WireRequest, path: str) -> tuple[str, Dialect]:
    query = dict(parse_qsl(request.query.decode("latin-1"), keep_blank_values=True))
    for route in _routes(service):
        if route.method == request.method and route.path.fullmatch(path) and route.query.items() <= query.items():
            return route.operation, route.dialect
    return f"{request.method} {path}", Dialect.REST_JSON


@dataclass(frozen=True, slots=True)
class _Route:
    method: str
    path: re.Pattern[str]
    query: Mapping[str, str]
    operation: str
    dialect: Dialect


@cache
def _routes(service: str) -> tuple[_Route, ...]:
    """Return the routes of a REST service, the most specific ones first."""
    found: list[tuple[int, int, _Route]] = []
    for name in MODELS.get(service, (service,)):
        try:
            model = Loader().load_service_model(name, "service-2")
        except (UnknownServiceError, ValueError):
            continue
        protocol = model["metadata"].get("protocol", "")
        if not protocol.startswith("rest"):
            continue
        dialect = Dialect.QUERY if protocol == "rest-xml" else Dialect.REST_JSON
        for operation, described in model["operations"].items():
            uri, _, literals = described["http"]["requestUri"].partition("?")
            query = dict(parse_qsl(literals, keep_blank_values=True))
            literal = len(re.sub(r"\{[^}]+\}", "", uri))
            route = _Route(described["http"]["method"], _pattern(uri), query, operation, dialect)
            found.append((len(query), literal, route))
    return tuple(route for _, _, route in sorted(found, key=lambda one: one[:2], reverse=True))


def _pattern(uri: str) -> re.Pattern[str]:
    pieces = re.split(r"(\{[^}]+\})", uri.rstrip("/"))
    return re.compile(
        "".join(
            (".+" if piece.endswith("+}") else "[^/]+") if piece.startswith("{") else re.escape(piece)
            for piece in pieces
        )
        + "/?"
    )
