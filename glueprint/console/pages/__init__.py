"""The pages, one module for each family.

A page is a function from a :class:`~glueprint.console.visits.Visit` to a response. It reads the API through the
client room, makes its view model with pure functions, and renders one template. What changes something is a
form: it redirects to a page.
"""

from glueprint.console.pages import (
    blueprints,
    catalog,
    choosing,
    crawlers,
    creation,
    jobs,
    overview,
    published,
    queries,
    runs,
    storage,
    workflows,
)

FAMILIES = (
    overview.FAMILY,
    workflows.FAMILY,
    runs.FAMILY,
    blueprints.FAMILY,
    published.FAMILY,
    creation.FAMILY,
    jobs.FAMILY,
    crawlers.FAMILY,
    catalog.FAMILY,
    storage.FAMILY,
    choosing.FAMILY,
    queries.FAMILY,
)
