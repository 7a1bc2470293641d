"""Data quality rulesets (DG:aws-glue-api-data-quality-api)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from glueprint.dqdl import DqdlError, Ruleset, parse
from glueprint.local.glue.family import Answer, Context, Family, Request, Transaction, operation, without_none
from glueprint.local.glue.paging import page_of
from glueprint.local.glue.tags import add_tags
from glueprint.local.identifiers import arn
from glueprint.local.protocol import Runs
from glueprint.local.protocol.errors import already_exists, invalid_input, not_found
from glueprint.local.store.resources import Document, Resources, remove_tags, tags_of

KIND = "dataQualityRuleset"
RULESETS = Resources(KIND)

_TOKEN = "ClientToken"


class Rulesets(Family):
    """Operations on rulesets."""

    @operation("CreateDataQualityRuleset", runs=Runs.ON_WRITER)
    def create_data_quality_ruleset(self, context: Context, request: Request) -> Answer:
        """Service model, ``CreateDataQualityRuleset``: its DQDL must be valid."""
        members = without_none(request)
        tags = members.pop("Tags", {})
        self.database.write(lambda tx: self.insert(tx, context, members, tags))
        return {"Name": request["Name"]}

    def insert(self, tx: Transaction, context: Context, members: Document, tags: Mapping[str, str]) -> None:
        """Create a ruleset within the caller's transaction; a repeated request changes nothing.

        Raises:
            ApiError: the name is taken, or the ruleset is not valid.
        """
        name = members["Name"]
        parsed_ruleset(members["Ruleset"])
        before = RULESETS.get(tx, name)
        if before is not None:
            if members.get(_TOKEN) is not None and before.get(_TOKEN) == members[_TOKEN]:
                return
            raise already_exists(f"Data quality ruleset {name} already exists")
        now = self.clock.now()
        RULESETS.put(tx, name, {**members, "CreatedOn": now, "LastModifiedOn": now})
        add_tags(tx, _arn(context, name), tags)

    @operation("UpdateDataQualityRuleset", runs=Runs.ON_WRITER)
    def update_data_quality_ruleset(self, context: Context, request: Request) -> Answer:
        """Service model, ``UpdateDataQualityRuleset``: members that are not in the request stay."""
        name, changes = request["Name"], without_none(request)
        if "Ruleset" in changes:
            parsed_ruleset(changes["Ruleset"])

        def work(tx: Transaction) -> Document:
            changed = require_ruleset(tx, name) | changes | {"LastModifiedOn": self.clock.now()}
            RULESETS.put(tx, name, changed)
            return changed

        changed = self.database.write(work)
        return {member: changed.get(member) for member in ("Name", "Description", "Ruleset")}

    @operation("DeleteDataQualityRuleset", runs=Runs.ON_WRITER)
    def delete_data_quality_ruleset(self, context: Context, request: Request) -> Answer:
        """Service model, ``DeleteDataQualityRuleset``."""
        name = request["Name"]

        def work(tx: Transaction) -> None:
            require_ruleset(tx, name)
            RULESETS.delete(tx, name)
            remove_tags(tx, _arn(context, name))

        self.database.write(work)
        return {}

    @operation("GetDataQualityRuleset", runs=Runs.INLINE)
    def get_data_quality_ruleset(self, context: Context, request: Request) -> Answer:
        """Service model, ``GetDataQualityRuleset``."""
        found = self.database.read(lambda tx: require_ruleset(tx, request["Name"]))
        return {name: value for name, value in found.items() if name != _TOKEN}

    @operation("ListDataQualityRulesets", runs=Runs.IN_THREAD)
    def list_data_quality_rulesets(self, context: Context, request: Request) -> Answer:
        """Service model, ``ListDataQualityRulesets``: those that meet all conditions of the filter."""
        wanted: Mapping[str, str] = request.get("Tags") or {}

        def work(tx: Transaction) -> list[Document]:
            return [
                ruleset
                for ruleset in RULESETS.all(tx)
                if _meets(ruleset, request.get("Filter") or {})
                and wanted.items() <= tags_of(tx, _arn(context, ruleset["Name"])).items()
            ]

        found, token = page_of(self.database.read(work), request, 100)
        return {"Rulesets": [_details(one) for one in found], "NextToken": token}


def parsed_ruleset(text: str) -> Ruleset:
    """Return a ruleset.

    Raises:
        ApiError: it is not valid DQDL.
    """
    try:
        return parse(text)
    except DqdlError as error:
        raise invalid_input(f"Ruleset is not valid DQDL: {error}") from error


def require_ruleset(tx: Transaction, name: str) -> Document:
    """Return the ruleset of that name.

    Raises:
        ApiError: there is none.
    """
    found = RULESETS.get(tx, name)
    if found is None:
        raise not_found(f"Data quality ruleset {name} not found")
    return found


def _arn(context: Context, name: str) -> str:
    return arn(context.account_id, context.region, f"{KIND}/{name}")


def _details(ruleset: Document) -> Document:
    names = ("Name", "Description", "CreatedOn", "LastModifiedOn", "TargetTable", "RecommendationRunId")
    return {
        **{name: ruleset.get(name) for name in names},
        "RuleCount": len(parsed_ruleset(ruleset["Ruleset"]).rules),
    }


def _meets(ruleset: Document, criteria: Mapping[str, object]) -> bool:
    tests: Mapping[str, Callable[[Any], bool]] = {
        "Name": lambda value: ruleset["Name"] == value,
        "Description": lambda value: ruleset.get("Description") == value,
        "CreatedBefore": lambda value: ruleset["CreatedOn"] < value,
        "CreatedAfter": lambda value: ruleset["CreatedOn"] > value,
        "LastModifiedBefore": lambda value: ruleset["LastModifiedOn"] < value,
        "LastModifiedAfter": lambda value: ruleset["LastModifiedOn"] > value,
        "TargetTable": lambda value: _names_table(ruleset.get("TargetTable"), value),
    }
    return all(tests[name](value) for name, value in criteria.items() if value is not None)


def _names_table(table: Mapping[str, str] | None, wanted: Mapping[str, str]) -> bool:
    names = ("DatabaseName", "TableName")
    return table is not None and all(table[name].lower() == wanted[name].lower() for name in names)
