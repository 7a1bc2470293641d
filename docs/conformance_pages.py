"""The pages about probes: their reference, and the links to them in the pages of docs/fidelity."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

_LINK = re.compile(r" · probe \[[a-z0-9-]+\]\(\.\./reference-conformance\.md#[a-z0-9-]+\)")
_UNCERTAIN = re.compile(
    r"undocumented|unverified|\bsilent\b|not documented|not measured|is a guess|are a guess|\bguess(es)?\b"
    r"|not known|no source|the page can be read both ways|form is seen|form seen|names seen",
    re.IGNORECASE,
)
_EXCEPT = re.compile(r"never ignored silently|ignores it silently|null, silently|silently take")


def fidelity_rows(root: Path) -> Iterator[tuple[str, str, str]]:
    """Yield page, behaviour and reason of each row of the fidelity pages, without links to probes."""
    for page in sorted((root / "docs" / "fidelity").glob("*.md")):
        for line in page.read_text("utf-8").splitlines():
            cells = cells_of(_LINK.sub("", line))
            if len(cells) == 3 and set(cells[0]) - set("-: ") and cells[0] not in ("Behaviour", "Case"):
                yield page.stem, cells[0], cells[2]


def cells_of(line: str) -> list[str]:
    """Return the cells of a line of a table; none for any other line."""
    if not line.startswith("|"):
        return []
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def is_uncertain(reason: str) -> bool:
    """Whether the reason of a row states that AWS's behaviour is not known."""
    return bool(_UNCERTAIN.search(_EXCEPT.sub("", reason)))


def linked_fidelity_pages(root: Path) -> Mapping[Path, str]:
    """Return the fidelity pages, in which each row that a probe answers ends with a link to the probe."""
    from glueprint.deploy.conformance.catalogue import PROBES

    probes: dict[tuple[str, str], list[str]] = {}
    for probe in PROBES:
        for row in probe.rows:
            probes.setdefault((row.page, row.behaviour), []).append(probe.name)
    made = {}
    for page in sorted((root / "docs" / "fidelity").glob("*.md")):
        lines = [_linked(line, page.stem, probes) for line in page.read_text("utf-8").split("\n")]
        made[page.relative_to(root)] = "\n".join(lines)
    return made


def _linked(line: str, page: str, probes: Mapping[tuple[str, str], list[str]]) -> str:
    plain = _LINK.sub("", line)
    cells = cells_of(plain)
    if len(cells) != 3:
        return line
    links = "".join(
        f" · probe [{one}](../reference-conformance.md#{one})" for one in probes.get((page, cells[0]), ())
    )
    return f"{plain.rstrip().removesuffix('|').rstrip()}{links} |" if links else plain


def conformance_page(made: str) -> str:
    """Return the reference of all probes, and of what has none."""
    from glueprint.deploy.conformance.catalogue import PROBES, total_cost
    from glueprint.deploy.conformance.unprobed import PAGES, ROWS

    lines = [
        made,
        "# Probes",
        "",
        f"The {len(PROBES)} probes of [`glueprint conformance`](conformance.md).",
        f"Together they cost at most {total_cost(PROBES)}.",
        "",
    ]
    for probe in PROBES:
        lines += [f"## {probe.name}", "", f"{probe.question} ({probe.how}; {probe.cost}.)", "", "Answers:", ""]
        lines += [f"- [{row.page}](fidelity/{row.page}.md): {row.behaviour}" for row in probe.rows]
        lines.append("")
    intro = "Rows of the fidelity pages that state that AWS's behaviour is not known, and the reason:"
    lines += ["# Without a probe", "", intro, ""]
    lines += [f"- [{page}](fidelity/{page}.md): {reason}" for page, reason in PAGES.items()]
    for (page, behaviour), reason in ROWS.items():
        lines.append(f"- [{page}](fidelity/{page}.md), {behaviour}: {reason}")
    return "\n".join([*lines, ""])
