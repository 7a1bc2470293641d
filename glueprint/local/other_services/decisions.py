"""What the local Glue serves of each other service of AWS, through moto: everything else is refused by name.

An operation is listed only if its answer is true here: because what it does really happens in this process, or
because it only stores what a later read returns, and no one can take that for a result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What an operation that is served does."""

    REAL = "real"
    """It does what AWS's does, within this server."""
    BOOKKEEPING = "stored only"
    """What it stores can be read back, and has no effect on anything else."""


@dataclass(frozen=True, slots=True)
class Served:
    """Operations of one service that moto answers.

    Attributes:
        service: the name with which requests to the service are signed.
        meaning: what the operations do here.
    """

    service: str
    kind: Kind
    meaning: str
    operations: tuple[str, ...]


def _names(text: str) -> tuple[str, ...]:
    """Return names like ``Create{A,B} GetC`` one by one."""
    found: list[str] = []
    for word in text.split():
        head, brace, rest = word.partition("{")
        inner, _, tail = rest.partition("}")
        found += [f"{head}{one}{tail}" for one in inner.split(",")] if brace else [word]
    return tuple(found)


SERVED: tuple[Served, ...] = (
    Served(
        "iam",
        Kind.BOOKKEEPING,
        "kept across restarts; enforced with `serve --enforce-iam` only. Access keys may sign requests",
        _names(
            "{Create,Delete,Get,Update,Tag,Untag}Role ListRoles ListRoleTags UpdateRoleDescription "
            "UpdateAssumeRolePolicy {Put,Delete}RolePermissionsBoundary {Put,Get,Delete}RolePolicy "
            "ListRolePolicies {Attach,Detach}RolePolicy ListAttachedRolePolicies CreateServiceLinkedRole "
            "DeleteServiceLinkedRole GetServiceLinkedRoleDeletionStatus "
            "{Create,Delete,Get,Update,Tag,Untag}User ListUsers ListUserTags {Put,Get,Delete}UserPolicy "
            "ListUserPolicies {Attach,Detach}UserPolicy ListAttachedUserPolicies "
            "{Create,Delete,Update}AccessKey ListAccessKeys "
            "{Create,Delete,Get,Update}Group ListGroups ListGroupsForUser {Put,Get,Delete}GroupPolicy "
            "ListGroupPolicies {Attach,Detach}GroupPolicy ListAttachedGroupPolicies AddUserToGroup "
            "RemoveUserFromGroup "
            "{Create,Delete,Get,Tag,Untag}Policy ListPolicies ListPolicyTags {Create,Delete,Get}PolicyVersion "
            "ListPolicyVersions SetDefaultPolicyVersion ListEntitiesForPolicy "
            "{Create,Delete,Get,Tag,Untag}InstanceProfile ListInstanceProfiles ListInstanceProfilesForRole "
            "AddRoleToInstanceProfile RemoveRoleFromInstanceProfile "
            "{Create,Delete}AccountAlias ListAccountAliases"
        ),
    ),
    Served(
        "sts",
        Kind.REAL,
        "temporary keys of a role, which may sign requests until the server is 12 hours older",
        ("AssumeRole", "GetCallerIdentity", "GetAccessKeyInfo"),
    ),
    Served(
        "secretsmanager",
        Kind.REAL,
        "secrets, in memory; connections of Glue do not read them",
        _names(
            "{Create,Delete,Describe,Restore,Update}Secret {Get,Put,BatchGet}SecretValue ListSecrets "
            "ListSecretVersionIds UpdateSecretVersionStage {Tag,Untag}Resource GetRandomPassword "
            "{Get,Put,Delete}ResourcePolicy"
        ),
    ),
    Served(
        "ssm",
        Kind.REAL,
        "parameters, in memory",
        _names(
            "{Put,Get,Delete}Parameter {Get,Delete,Describe}Parameters GetParametersByPath GetParameterHistory "
            "LabelParameterVersion UnlabelParameterVersion AddTagsToResource RemoveTagsFromResource "
            "ListTagsForResource"
        ),
    ),
    Served(
        "kms",
        Kind.REAL,
        "keys that encrypt, decrypt and sign, in memory; nothing else of the local Glue uses them",
        _names(
            "CreateKey DescribeKey ListKeys {Enable,Disable}Key ScheduleKeyDeletion CancelKeyDeletion "
            "UpdateKeyDescription {Get,Put}KeyPolicy ListKeyPolicies {Create,Delete,Update}Alias ListAliases "
            "{Tag,Untag}Resource ListResourceTags Encrypt Decrypt ReEncrypt GenerateDataKey "
            "GenerateDataKeyWithoutPlaintext GenerateRandom GetPublicKey Sign Verify GenerateMac VerifyMac"
        ),
    ),
    Served(
        "kms",
        Kind.BOOKKEEPING,
        "grants are not checked, keys are not rotated",
        _names(
            "{Create,Revoke,Retire}Grant ListGrants ListRetirableGrants {Enable,Disable}KeyRotation "
            "GetKeyRotationStatus"
        ),
    ),
    Served(
        "dynamodb",
        Kind.REAL,
        "tables, items and streams, in memory; jobs read and write them",
        _names(
            "{Create,Delete,Describe,Update}Table ListTables {Get,Put,Update,Delete}Item Query Scan "
            "Batch{Get,Write}Item Transact{Get,Write}Items DescribeStream GetRecords GetShardIterator ListStreams"
        ),
    ),
    Served(
        "dynamodb",
        Kind.BOOKKEEPING,
        "kept with the table; items do not expire",
        _names(
            "{Describe,Update}TimeToLive {Tag,Untag}Resource ListTagsOfResource "
            "{Describe,Update}ContinuousBackups {Get,Put,Delete}ResourcePolicy"
        ),
    ),
    Served(
        "sqs",
        Kind.REAL,
        "queues and messages, in memory; messages come from clients, SNS topics and EventBridge rules",
        _names(
            "{Create,Delete,Purge}Queue ListQueues GetQueueUrl {Get,Set}QueueAttributes SendMessage "
            "SendMessageBatch ReceiveMessage DeleteMessage DeleteMessageBatch ChangeMessageVisibility "
            "ChangeMessageVisibilityBatch {Tag,Untag}Queue ListQueueTags ListDeadLetterSourceQueues AddPermission "
            "RemovePermission"
        ),
    ),
    Served(
        "sns",
        Kind.REAL,
        "topics, in memory, which deliver to SQS queues; a subscription with another protocol, and Publish to a "
        "phone number or an endpoint, are refused",
        _names(
            "{Create,Delete}Topic ListTopics {Get,Set}TopicAttributes Subscribe Unsubscribe ListSubscriptions "
            "ListSubscriptionsByTopic {Get,Set}SubscriptionAttributes Publish PublishBatch {Tag,Untag}Resource "
            "ListTagsForResource AddPermission RemovePermission"
        ),
    ),
    Served(
        "ec2",
        Kind.BOOKKEEPING,
        "networks that connections of Glue name, in memory; there is no such network",
        _names(
            "DescribeRegions DescribeAvailabilityZones DescribeAccountAttributes {Create,Delete}Tags DescribeTags "
            "{Create,Delete}Vpc DescribeVpcs {Describe,Modify}VpcAttribute {Create,Delete}Subnet DescribeSubnets "
            "ModifySubnetAttribute {Create,Delete}SecurityGroup DescribeSecurityGroups DescribeSecurityGroupRules "
            "AuthorizeSecurityGroup{Ingress,Egress} RevokeSecurityGroup{Ingress,Egress} ModifySecurityGroupRules "
            "{Create,Delete}RouteTable DescribeRouteTables {Associate,Disassociate}RouteTable "
            "{Create,Delete,Replace}Route {Create,Delete,Attach,Detach}InternetGateway DescribeInternetGateways "
            "DescribeNetworkAcls DescribeNetworkInterfaces DescribeVpcEndpoints DescribePrefixLists "
            "{Create,Modify}VpcEndpoint DeleteVpcEndpoints"
        ),
    ),
    Served(
        "lakeformation",
        Kind.BOOKKEEPING,
        "grants, tags and settings, in memory; permissions are not checked",
        _names(
            "{Grant,Revoke,List}Permissions Batch{Grant,Revoke}Permissions {Get,Put}DataLakeSettings "
            "{Register,Deregister,Describe}Resource ListResources {Create,Get,Update,Delete}LFTag ListLFTags "
            "AddLFTagsToResource RemoveLFTagsFromResource GetResourceLFTags"
        ),
    ),
    Served(
        "monitoring",
        Kind.REAL,
        "metrics that clients put, in memory; jobs and crawlers send none",
        ("PutMetricData", "GetMetricData", "GetMetricStatistics", "ListMetrics"),
    ),
    Served(
        "monitoring",
        Kind.BOOKKEEPING,
        "dashboards, in memory",
        ("PutDashboard", "GetDashboard", "ListDashboards", "DeleteDashboards"),
    ),
)
"""Everything that moto answers, apart from operations of Glue (:mod:`glueprint.local.glue.served_by_moto`)."""

REASONS: Mapping[str, str] = {
    "redshift": "there are no clusters",
    "redshift-data": "there is no Redshift to query",
    "scheduler": "schedules do not fire: a SCHEDULED trigger starts a workflow, cron a state machine",
    "pipes": "pipes carry nothing: an EventBridge rule starts a workflow",
    "cloudformation": "stacks create nothing here: use the services themselves",
    "lambda": "functions are not run",
    "firehose": "delivery streams deliver nothing",
    "kinesis": "streaming jobs are not run",
    "elasticmapreduce": "there are no clusters: run the script as a Glue job",
    "emr-serverless": "applications are not run: run the script as a Glue job",
    "emr-containers": "jobs are not run: run the script as a Glue job",
    "batch": "jobs are not run",
    "ecs": "tasks are not run",
    "databrew": "recipes are not run",
    "datapipeline": "pipelines are not run",
    "dms": "tasks are not run",
    "rds": "there are no databases: a JDBC connection names a real one",
    "rds-data": "there is no database to query",
    "sagemaker": "models are not trained or served",
    "quicksight": "there are no dashboards",
    "tagging": "it would not find what the local Glue has: GetTags, GetBucketTagging and so on return tags",
    "s3tables": "there are no table buckets: use Iceberg tables on S3",
    "cloudtrail": "requests are not recorded",
    "config": "resources are not recorded",
    "organizations": "there is one account",
    "iam": "it would have no effect, or its answer would be invented",
    "sts": "the keys that moto returns are published constants, or the operation needs an identity provider",
    "monitoring": "alarms and insight rules are not evaluated",
    "ssm": "only parameters are served",
    "ec2": "there are no machines, and no networks but in name",
    "dynamodb": "backups, exports, imports, PartiQL and global tables are not served",
    "sns": "only topics that deliver to SQS are served",
    "secretsmanager": "secrets are not rotated or replicated",
    "moto-api": "moto's own routes could plant invented results; only reset is served",
}
"""Why operations that are not served are refused, by service; others are not part of a pipeline that runs here."""

NOT_NEEDED = "the local Glue has no such service"


def served(service: str, operation: str) -> Served | None:
    """Return the entry of an operation that moto answers; None if it is refused."""
    return _SERVED.get((service, operation))


def reason(service: str) -> str:
    """Return why operations of a service are refused that are not served."""
    return REASONS.get(service, NOT_NEEDED)


def refusal(service: str, operation: str, parameters: Mapping[str, str]) -> str | None:
    """Return why this request is refused although its operation is served, as text; None if it is not.

    Args:
        parameters: members of a Query request, by their names on the wire.
    """
    if (service, operation) == ("sns", "Subscribe"):
        protocol = parameters.get("Protocol", "")
        if protocol != "sqs":
            return f"Subscribe with Protocol {protocol!r} is not served: nothing would be delivered; sqs is"
    if (service, operation) == ("sns", "Publish"):
        for member in ("PhoneNumber", "TargetArn"):
            if (member == "PhoneNumber" and member in parameters) or ":endpoint/" in parameters.get(member, ""):
                return f"Publish with this {member} is not served: nothing would be delivered; a TopicArn is"
    return None


_SERVED = {(entry.service, name): entry for entry in SERVED for name in entry.operations}
