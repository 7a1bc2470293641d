"""The first page: what is running, and what failed in the last 24 hours."""

from __future__ import annotations

from starlette.responses import Response

from glueprint.client.errors import GlueprintError
from glueprint.console.visits import Family, Visit

_FIRST_WAIT_SECONDS = 0.2
_WAIT_SECONDS = 0.08
"""A small Glue is read within that: its page is complete at once."""
_SHOWN = 100


def overview(visit: Visit) -> Response:
    """Show what runs and what failed."""
    snapshots = visit.console.snapshots
    is_first = snapshots.present().when is None
    snapshot = snapshots.present(wait_seconds=_FIRST_WAIT_SECONDS if is_first else _WAIT_SECONDS)
    running, failed = snapshot.of_kind("busy"), snapshot.of_kind("bad")
    others = [one for one in snapshot.entries if one.badge.kind not in ("busy", "bad")]
    return visit.page(
        "overview.html",
        live=True,
        snapshot=snapshot,
        running=running[:_SHOWN],
        failed=failed[:_SHOWN],
        others=others[:_SHOWN],
        hidden=sum(max(0, len(one) - _SHOWN) for one in (running, failed, others)),
    )


def go_to(visit: Visit) -> Response:
    """Go to what was typed into the search field: an id of a run, a location in S3, or a name."""
    text = visit.query("q").strip()
    if text.startswith("s3://"):
        return visit.redirect("/s3", at=text)
    found = _found(visit, text) if text else []
    if len(found) == 1:
        _, _, path, values = found[0]
        return visit.redirect(path, **values)
    return visit.page("search.html", text=text, found=found[:200], more=max(0, len(found) - 200))


def _found(visit: Visit, text: str) -> list[tuple[str, str, str, dict[str, str]]]:
    """Return kind, name, path and values of everything whose name contains a text."""
    from glueprint.client.lookup import Lookup

    lookup = Lookup(visit.session)
    try:
        if text.startswith("wr_"):
            workflow, run_id = lookup.workflow_of_run(text)
            return [("run", run_id, "/run", {"workflow": workflow, "id": run_id})]
        if text.startswith("jr_"):
            run = lookup.job_run(text)
            return [("job run", run.run_id, "/job-run", {"job": run.job, "id": run.run_id})]
        if text.startswith("br_"):
            blueprint, run_id = lookup.blueprint_of_run(text)
            return [("blueprint run", run_id, "/blueprint-run", {"blueprint": blueprint, "id": run_id})]
    except GlueprintError:
        return []
    kinds = ("workflow", "job", "crawler", "blueprint")
    names = [(kind, name, f"/{kind}", {"name": name}) for kind in kinds for name in visit.console.names.of(kind)]
    exact = [one for one in names if one[1] == text]
    return exact[:1] or [one for one in names if text.lower() in one[1].lower()]


FAMILY = Family(pages=(("/", overview), ("/search", go_to)))
