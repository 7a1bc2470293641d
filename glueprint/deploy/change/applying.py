"""Applying a plan: under the lock, journalled, undone when a step fails.

The order of an apply: lock; compare the account with the plan; refuse if something runs; write the journal and
keep the contents that are overwritten; pause the schedule; upload, create, update, delete; commit; unlock. A
kill leaves lock and journal: the same command takes both over and completes the apply. An error is undone: what
was there before is applied, and the journal removed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from glueprint.client.errors import GlueprintError, InvalidArgument, NotFound, from_botocore
from glueprint.deploy.change.changes import Action, Change, changes_between, without_activity
from glueprint.deploy.change.execution import Executor, Progress
from glueprint.deploy.change.lock import LockLost, locked, now, who
from glueprint.deploy.change.plan import Plan, Upload
from glueprint.deploy.change.planning import (
    Observed,
    is_found,
    observe,
    observed_plan,
    present_content,
    recorded,
    wanted_before,
)
from glueprint.deploy.change.requests import Account
from glueprint.deploy.change.running import active_run, active_schedules, refuse_running
from glueprint.deploy.change.state import Journal, ObjectRecord, StateStore, Version, digest_of
from glueprint.deploy.definitions.model import Key, Kind, WorkflowDefinition
from glueprint.deploy.definitions.reading import with_tags

_LOSING = (Action.DELETE, Action.REPLACE)
"""Of these, an undo creates the resource again: with its tags."""


class PlanOutdated(GlueprintError):
    """The account has changed since the plan was made."""


class ApplyFailed(GlueprintError):
    """A step failed.

    Attributes:
        is_undone: whether what was there before is there again.
    """

    def __init__(self, message: str, remedy: str, *, is_undone: bool) -> None:
        super().__init__(message, remedy)
        self.is_undone = is_undone


@dataclass(frozen=True, slots=True)
class Applied:
    """What an apply has done.

    Attributes:
        plan: what was carried out.
        version: the number of the version that is deployed now.
        notes: what the user should know.
    """

    plan: Plan
    version: int
    notes: tuple[str, ...] = ()


def ignore(line: str) -> None:
    """A :data:`Progress` that does nothing."""


def state_of_plan(account: Account, plan: Plan) -> StateStore:
    """Return the state that a plan belongs to.

    Raises:
        InvalidArgument: the plan is for another region.
    """
    if plan.region != account.region:
        raise InvalidArgument(
            f"the plan is for region {plan.region}, not {account.region}", f"add --region {plan.region}"
        )
    return StateStore(account.s3, plan.place, account.region, plan.workflow, account.account_id)


def apply(account: Account, plan: Plan, *, take_over: bool = False, progress: Progress = ignore) -> Applied:
    """Carry out a plan.

    Args:
        account: where.
        plan: what.
        take_over: take the lock from a holder that may be alive.
        progress: is notified of each step.

    Raises:
        Locked: another process changes the workflow.
        PlanOutdated: the account has changed since the plan was made.
        Running: the workflow runs.
        ApplyFailed: a step failed.
        LockLost: another process took the lock over.
    """
    store = state_of_plan(account, plan)
    with locked(store, plan.target.reason, take_over=take_over) as lock:
        guarded = replace(account, check=lock.check)
        return _Apply(guarded, store, plan, progress).run()


class _Apply:
    """One apply, which has the lock."""

    def __init__(self, account: Account, store: StateStore, plan: Plan, progress: Progress) -> None:
        self._account = account
        self._store = store
        self._given = plan
        self._executor = Executor(account, store, progress)
        self._progress = progress

    def run(self) -> Applied:
        store, given = self._store, self._given
        current, interrupted = recorded(self._account, store)
        target = replace(given.target, created=now(), by=who())
        plan, seen = observed_plan(self._account, store, target, given.contents, given.calls)
        if plan.fingerprint != given.fingerprint and not _continues(interrupted, target):
            raise PlanOutdated(
                f"workflow {store.workflow} has changed since the plan was made; nothing was changed",
                "make a new plan",
            )
        if plan.is_empty and not plan.records:
            return Applied(plan, current.number)
        refuse_running(self._account, store.workflow, plan.changes)
        journal = self._journal(current, interrupted, plan, seen)
        try:
            self._carry_out(plan, self._paused(current, plan, journal, seen))
            self._executor.mark(store.workflow, journal.target.number)
            store.commit(journal)
        except LockLost:
            raise
        except (Exception, KeyboardInterrupt, SystemExit) as error:  # noqa: BLE001 - whatever it is, it is undone
            self._undo(journal, error)
        return Applied(plan, journal.target.number, self._notes())

    def _journal(self, current: Version, interrupted: Journal | None, plan: Plan, seen: Observed) -> Journal:
        """Write what is there now, unless an interrupted apply has recorded it, and what is to be made."""
        target = plan.target
        if interrupted is not None:
            before = interrupted.before
            known = {one.location for one in before.objects}
            extra = self._kept(one for one in target.objects if one.location not in known)
            before = replace(before, objects=(*before.objects, *extra))
            earlier = (*interrupted.earlier, interrupted.target)
            journal = Journal(before, target, interrupted.is_adoption, earlier)
        else:
            is_adoption = is_found(current, seen)
            journal = Journal(self._before(current, seen, plan), target, is_adoption)
        self._store.keep(self._given.contents.values())
        self._store.begin(journal)
        return journal

    def _before(self, current: Version, seen: Observed, plan: Plan) -> Version:
        """Return what is there, as the version that an undo restores."""
        target, definition = plan.target, None
        if seen.deployed is not None:
            mine = seen.owned | target.keys
            going = [one.deployed for one in plan.changes if one.action in _LOSING and one.deployed is not None]
            tagged = {one.key: one for one in with_tags(self._account.glue, going, self._account.account_id)}
            everything = {**seen.everything, **tagged}
            parts = (one for key, one in everything.items() if key in mine and key.kind is not Kind.WORKFLOW)
            definition = WorkflowDefinition.of(everything[seen.deployed.workflow.key], tuple(parts))
        objects = self._kept([*target.objects, *current.objects, *_scripts(definition)])
        if current.is_recorded:
            return replace(current, definition=definition, objects=objects)
        names = {key: name for key, name in target.names.items() if Key(key.kind, name) in seen.everything}
        number = current.number + (1 if definition is not None else 0)
        found = target.created  # not after the version that replaces it
        return Version(number, definition, names, target.suffix, objects, "found", created=found, by=who())

    def _kept(self, objects: Iterable[ObjectRecord]) -> tuple[ObjectRecord, ...]:
        """Keep the present contents of objects; return where they are."""
        found: dict[str, ObjectRecord] = {}
        for one in objects:
            if one.location not in found:
                content = present_content(self._account, one)
                if content is not None:
                    self._store.keep([content])
                digest = None if content is None else digest_of(content)
                found[one.location] = ObjectRecord(one.bucket, one.key, digest, one.options)
        return tuple(found.values())

    def _paused(self, current: Version, plan: Plan, journal: Journal, seen: Observed) -> list[Change]:
        """Pause the schedule, look again whether something runs, and return the changes that are left to make."""
        paused = active_schedules(seen.everything, self._store.workflow)
        for trigger in paused:
            self._executor.pause(trigger.name)
        if paused:
            refuse_running(self._account, self._store.workflow, plan.changes)
        everything = {**seen.everything, **{one.key: without_activity(one) for one in paused}}
        before = wanted_before(current, *journal.made)
        wanted = {one.key for one in plan.changes} | {one.key for one in paused}
        found = changes_between(journal.target.definition, everything, owned=seen.owned, before=before)
        return [one for one in found if one.key in wanted]

    def _carry_out(self, plan: Plan, changes: list[Change]) -> None:
        for upload in plan.uploads:
            self._executor.upload(upload, plan.contents[upload.target.digest or ""])
        for call in plan.calls:
            self._executor.call(call)
        for change in changes:
            self._executor.make(change)

    def _undo(self, journal: Journal, error: BaseException) -> None:
        """Make what was there before.

        Raises:
            ApplyFailed: always; it states whether that succeeded.
        """
        problem = from_botocore(error) or error
        message = str(problem) or type(problem).__name__
        self._progress("undo")
        try:
            notes = restore(self._account, self._store, journal, self._executor)
        except LockLost:
            raise
        except (Exception, KeyboardInterrupt, SystemExit) as second:  # noqa: BLE001 - both are reported
            again = from_botocore(second) or second
            raise ApplyFailed(
                f"{message}; undoing it failed, too: {str(again) or type(again).__name__}",
                f"`glueprint rollback {self._store.workflow}` undoes it; the same apply completes it",
                is_undone=False,
            ) from error
        left = "".join(f"; {one}" for one in notes)
        raise ApplyFailed(
            f"{message}{left}", "everything is as it was before; correct it and repeat", is_undone=True
        ) from error

    def _notes(self) -> tuple[str, ...]:
        run = active_run(self._account, self._store.workflow)
        if run is None:
            return ()
        return (f"run {run['WorkflowRunId']} was started while the workflow was changed",)


def restore(account: Account, store: StateStore, journal: Journal, executor: Executor) -> list[str]:
    """Make what was there before an apply, and remove its journal; return what remains of it."""
    before = journal.before
    seen = observe(account, store.workflow, store.current(), journal, before)
    known = wanted_before(*journal.made)
    for change in changes_between(before.definition, seen.everything, owned=journal.keys, before=known):
        executor.make(change)
    for one in before.objects:
        if one.digest is not None:
            content = present_content(account, one)
            if content is None or digest_of(content) != one.digest:
                executor.upload(Upload(one, None), store.content(one.digest))
    if before.definition is not None:
        executor.mark(store.workflow, None if journal.is_adoption else before.number)
    left = [one for one in reversed(executor.sent_calls) if not executor.undo_call(one)]
    store.end()
    return [f"the layout's call {one.service} {one.operation} cannot be undone" for one in left]


def undo_interrupted(account: Account, store: StateStore, *, take_over: bool, progress: Progress = ignore) -> int:
    """Undo an apply that was interrupted; return the number of the version that is deployed.

    Raises:
        NotFound: there is none.
        Locked: another process changes the workflow.
        Running: the workflow runs.
    """
    with locked(store, "undo", take_over=take_over) as lock:
        guarded = replace(account, check=lock.check)
        journal = store.journal()
        if journal is None:
            raise NotFound(f"no apply of workflow {store.workflow} was interrupted")
        refuse_running(guarded, store.workflow, ())
        restore(guarded, store, journal, Executor(guarded, store, progress))
        return store.current().number


def _continues(interrupted: Journal | None, target: Version) -> bool:
    """Whether an interrupted apply was making the same."""
    if interrupted is None:
        return False
    ignored = ("Version", "Created", "By", "Reason")
    one, other = (version.to_json() for version in (interrupted.target, target))
    return all(one[name] == other[name] for name in one if name not in ignored)


def _scripts(definition: WorkflowDefinition | None) -> Iterator[ObjectRecord]:
    """Return the places of the scripts of a workflow's jobs."""
    for job in definition.jobs if definition is not None else ():
        location = str((job.members.get("Command") or {}).get("ScriptLocation", ""))
        bucket, _, key = location.removeprefix("s3://").partition("/")
        if location.startswith("s3://") and key:
            yield ObjectRecord(bucket, key, None)
