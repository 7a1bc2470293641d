"""Why operations of Glue are not here. What fits no rule is new in the service model, or was overlooked."""

from __future__ import annotations

import re
from collections.abc import Mapping

from glueprint.local.protocol import ApiError

_REASONS: Mapping[str, str] = {
    r"DataQuality": "data quality rules are not evaluated here",
    r"ML|LabelsTaskRun": "ML transforms need Glue's own matching model",
    r"DevEndpoint": "development endpoints: Glue has them for versions 0.9 and 1.0 alone",
    r"Session|Statement": "interactive sessions: run the script as a job",
    r"ColumnStatistics": "no query planner here reads column statistics",
    r"Integration": "zero-ETL integrations lead to services that are not here",
    r"TableOptimizer|MaterializedView": "no background service works on tables here",
    r"Catalogs?$": "the account's own catalog is the only one here",
    r"UsageProfile": "nothing here costs by usage",
    r"CustomEntityType": "sensitive data detection needs Glue's own transforms",
    r"IdentityCenter": "no identities here",
    r"ConnectionTypes?$|Entit(y|ies)$|EntityRecords": "connectors to software as a service are not here",
    r"Asset|Glossar|FormType|Attachment|IterableForms": "the business catalog is not part of a pipeline",
    r"Schema|Registry|ResourcePolicies": "moto, which serves this family, does not have it",
    r"Unfiltered": "Lake Formation's calls for query engines: nothing is filtered here",
    r"CreateScript|GetDataflowGraph|GetMapping|GetPlan": "scripts as graphs: write the script itself",
    r"CatalogImportStatus|ImportCatalogToGlue": "there is no Athena catalog to import from",
    r"SourceControl": "no Git service is called from here",
    r"JobUpgradeAnalysis": "upgrade analysis is a service of AWS's own",
    r"DashboardUrl|SystemLogs": "its links lead into AWS's console",
    r"ExportConfiguration": "the catalog is not exported anywhere",
}

NOT_BUILT = "not built"


def reason_of(operation: str) -> str:
    """Why the operation of that name is refused, in a few words."""
    return next((reason for rule, reason in _REASONS.items() if re.search(rule, operation)), NOT_BUILT)


def unsupported(what: str) -> ApiError:
    """Glueprint's refusal, by name, of something that the model allows."""
    return ApiError("UnsupportedOperationException", f"{what} is not supported by this local Glue")
