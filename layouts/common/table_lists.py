"""Lists of tables in the parameters of a blueprint, by names or patterns."""

from typing import Any, Iterator, Mapping, Sequence, Tuple

from layouts.common.parameters import Check


def read_table_list(texts: Sequence[str]) -> Tuple[str, ...]:
    """The entries without spaces around them; empty ones do not count."""
    return tuple(text.strip() for text in texts if text.strip())


def is_table_list(name: str, optional: bool = False) -> Check:
    """The parameter is a list of tables that can be passed to a job, which joins it with commas."""

    def check(params: Mapping[str, Any]) -> Iterator[str]:
        entries = read_table_list(params[name])
        if not entries and not optional:
            yield "{} must name a table.".format(name)
        if any("," in entry for entry in entries):
            yield "{} must be a list of tables, one each.".format(name)
        if any(entry.startswith("-") for entry in entries):
            yield "{} must not start with a dash.".format(name)

    return check
