"""Refusals: why operations of Glue are not implemented, and the error for members that are not supported.

An operation without a reason is new in the service model, or was overlooked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from glueprint.local.protocol import ApiError
from glueprint.local.protocol.errors import invalid_input

_REASONS: Mapping[str, str] = {
    r"DataQuality(Model|Statistic|Profile)": "anomaly detection and its statistics are models of AWS's",
    r"DataQualityEvaluationConfig": "no schedule evaluates tables: start evaluation runs",
    r"DataQualityResults?V2": "the second version of results: use those without V2",
    r"ML|LabelsTaskRun": "ML transforms need Glue's own matching model",
    r"DevEndpoint": "development endpoints: Glue has them for versions 0.9 and 1.0 only",
    r"Session|Statement": "interactive sessions: run the script as a job",
    r"ColumnStatistics": "no local query planner reads column statistics",
    r"Integration": "zero-ETL integrations need services that do not run locally",
    r"TableOptimizer|MaterializedView": "no background service works on local tables",
    r"Catalogs?$": "the account's own catalog is the only one",
    r"UsageProfile": "local runs have no cost",
    r"CustomEntityType": "sensitive data detection needs Glue's own transforms",
    r"IdentityCenter": "there are no local identities",
    r"ConnectionTypes?$|Entit(y|ies)$|EntityRecords": "connectors to software as a service do not run locally",
    r"Asset|Glossar|FormType|Attachment|IterableForms": "the business catalog is not part of a pipeline",
    r"Schema|Registry|ResourcePolicies": "moto, which serves this family, does not implement it",
    r"Unfiltered": "Lake Formation's calls for query engines: nothing is filtered locally",
    r"CreateScript|GetDataflowGraph|GetMapping|GetPlan": "scripts as graphs: write the script itself",
    r"CatalogImportStatus|ImportCatalogToGlue": "there is no Athena catalog to import from",
    r"SourceControl": "no Git service is called from the local Glue",
    r"JobUpgradeAnalysis": "upgrade analysis is a service of AWS",
    r"DashboardUrl|SystemLogs": "its links point to AWS's console",
    r"ExportConfiguration": "the catalog is not exported anywhere",
}

NOT_BUILT = "not built"


def reason_of(operation: str) -> str:
    """Return why an operation is refused, in a few words."""
    return next((reason for rule, reason in _REASONS.items() if re.search(rule, operation)), NOT_BUILT)


def unsupported(what: str) -> ApiError:
    """Return the error for what the service model allows and Glueprint does not support."""
    return ApiError("UnsupportedOperationException", f"{what} is not supported by this local Glue")


def refuse_problems(problems: Iterable[str]) -> None:
    """Raise ``InvalidInputException`` with all problems of a request, if there are any."""
    found = list(problems)
    if found:
        raise invalid_input("; ".join(found))
