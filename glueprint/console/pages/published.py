"""The organisation's repository of blueprints: what was published, and registering a version of it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from starlette.responses import Response

from glueprint.client.session import Target
from glueprint.console.blueprint_zips import Zip
from glueprint.console.pages.blueprints import register
from glueprint.console.visits import Family, Visit
from glueprint.deploy.repository.address import Address, open_store
from glueprint.deploy.repository.index import Index
from glueprint.deploy.repository.pulling import parse_reference, pull
from glueprint.deploy.repository.registered import record
from glueprint.deploy.repository.s3_store import S3Store
from glueprint.deploy.repository.settings import Settings, read_settings, required_address
from glueprint.deploy.repository.stores import Store


@contextlib.contextmanager
def _store(visit: Visit, address: Address) -> Iterator[Store]:
    """Open the repository; one in S3 without an account of its own is in the account that the console shows."""
    if address.bucket is not None and address.target is None:
        yield S3Store(visit.session.client("s3"), address.bucket, address.prefix)
        return
    with open_store(address, Target(aws=visit.session.is_aws)) as store:
        yield store


def repository_settings() -> Settings:
    """Return where the repository is, as for the commands: environment, or ``glueprint.ini``."""
    return read_settings()


def published(visit: Visit) -> Response:
    """List the versions in the repository."""
    address = required_address(repository_settings())
    with _store(visit, address) as store:
        index = Index.parse(store.snapshot().data)
    return visit.page(
        "published.html",
        address=address.shown,
        rows=[(name, index.versions(name)) for name in sorted(index.entries)],
        needs_bucket=visit.session.is_aws,
    )


def register_version(visit: Visit) -> Response:
    """Register a version, after its digest and signature have been checked."""
    settings = repository_settings()
    name, selector = parse_reference(visit.field("reference"))
    with _store(visit, required_address(settings)) as store:
        pulled = pull(store, name, selector, settings.allowed_signers)
    registered = register(visit, Zip(name, pulled.content))
    if problem := record(visit.session, registered, pulled.entry):
        visit.notice(f"The version was not recorded in the blueprint's tags: {problem}", "halted")
    return visit.redirect("/blueprint", name=registered)


FAMILY = Family(pages=(("/blueprints/repository", published),), forms=(("/blueprint/register", register_version),))
