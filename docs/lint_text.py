"""Check citations and words in the repository's text files: ``python docs/lint_text.py [PATH...]``.

Reported are: a cited file, heading or guide page that does not exist; a reference to a document or issue that is
not public; a word that the tables in ``docs/contributing.md`` replace. The exit status is 1 if anything is found.
"""

from __future__ import annotations

import re
import subprocess
import sys
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
GLOSSARY = "docs/contributing.md"
SOURCES = "docs/facts/README.md"
SUFFIXES = {".py", ".md", ".cfg", ".toml", ".sh"}
NAMES = {"Makefile", "run"}

QUOTATIONS = (
    "Data that was previously crawled using the classifier is not reclassified",
)
"""Texts of AWS and other projects that are quoted as they are."""

SKIPPED = {"docs/lint_text.py", "tests/docs/test_docs_lint_text.py"}
"""Files that contain what is searched for."""

REPOSITORIES = {"floci", "hudi", "moto", "spark", "trino"}
"""Public repositories whose one-word names may stand before ``issue N``."""

# A pattern begins with fixed text, which makes the search fast; what must not stand before it is looked at next.
_CITED_FILE = re.compile(r"docs/(?<![\w./-]docs/)[\w./-]*\w\.(?:md|py)\b(?:#([\w-]+))?")
_CITED_DECISION = re.compile(r"ecisions?[/ ]\d{3}\b(?!\.)")
_GUIDE_PAGE = re.compile(r"\b(DG|DG22|KC):([A-Za-z0-9_-]+)")
_LISTED = re.compile(r"^`(DG|DG22|KC):`$|^- `([A-Za-z0-9_-]+)`$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_PRIVATE = [
    re.compile(pattern)
    for pattern in (
        r"glue-facts",
        r"DESIGN(?<!\wDESIGN)\b",
        r"local-server\.md",
        r"awsglue-runtime\.md",
        r"airflow-stepfunctions\.md",
        r"users\.md(?<!\wusers\.md)",
        r"models-to-read",
        r"the brief(?=[:)])|\(brief\b",
        r"shared/(?<![\w./-]shared/)",
        r"\.\./shared/",
        r"/work/(?:shared|helpers)",
    )
]
_ISSUE = re.compile(r"ssues? #?\d+")
_REPOSITORY_BEFORE = re.compile(r"([\w./-]+)[`,]*\s+$")


class Finding(NamedTuple):
    """One fault of a text: where it is, what is wrong, what to do."""

    path: str
    line: int
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}; {self.remedy}"


class Word(NamedTuple):
    """A word or phrase of the glossary's last column, and the term to write instead."""

    text: str
    term: str
    pattern: re.Pattern[str]
    exact: bool

    @classmethod
    def of(cls, text: str, term: str) -> Word:
        """The word, alone or as parts of a name that underscores separate; in any case unless it has a capital."""
        first, *more = re.split(r"[ _]", text)
        rest = "".join(rf"[\s_]+{re.escape(part)}" for part in more)
        pattern = rf"{re.escape(first)}(?<![A-Za-z0-9]{re.escape(first)}){rest}(?![A-Za-z0-9])"
        return cls(text, term, re.compile(pattern), text != text.lower())


def glossary(root: Path = ROOT) -> list[Word]:
    """The words that the tables of the glossary replace: those in code font in a last column ``Replaces``."""
    words = []
    replaces = False
    for line in (root / GLOSSARY).read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            replaces = False
        elif cells[-1] == "Replaces":
            replaces = True
        elif replaces:
            words += [Word.of(text, cells[0]) for text in re.findall(r"`([^`]+)`", cells[-1])]
    return words


def anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    found: Counter[str] = Counter()
    made = set()
    text = re.sub(r"^```.*?^```", "", document.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for heading in _HEADING.findall(text):
        slug = re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "", heading).lower()).strip().replace(" ", "-")
        made.add(f"{slug}-{found[slug]}" if found[slug] else slug)
        found[slug] += 1
    return made


class Linter:
    """The checks, with what they look up in the repository at ``root``."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.words = glossary(root)
        self.guide_pages: set[tuple[str, str]] = set()
        key = ""
        for opened, page in _LISTED.findall((root / SOURCES).read_text("utf-8")):
            key = opened or key
            if page:
                self.guide_pages.add((key, page))
        self.anchors = cache(anchors)

    def findings(self, path: str) -> list[Finding]:
        """Everything that is wrong in one file, by line."""
        text = (self.root / path).read_text("utf-8")
        if path == GLOSSARY:
            text = re.sub(r"^(\|.*\|)[^|\n]*\|$", r"\1", text, flags=re.MULTILINE)
        for quotation in QUOTATIONS:
            text = text.replace(quotation, " " * len(quotation))
        starts = [0, *(match.end() for match in re.finditer("\n", text))]
        faults = [*self._citations(path, text), *self._private(text), *self._replaced(text)]
        return sorted(Finding(path, bisect_right(starts, start), what, remedy) for start, what, remedy in faults)

    def _citations(self, path: str, text: str) -> Iterator[tuple[int, str, str]]:
        for match in _CITED_FILE.finditer(text):
            yield from self._target(match, self.root / match[0].split("#")[0], match[1] or "")
        for match in _CITED_DECISION.finditer(text):
            start = match.start() - 1
            yield start, f"{text[start : match.end()]!r} does not exist", "cite a page of docs/decisions"
        for match in _GUIDE_PAGE.finditer(text):
            known = path == SOURCES and match[2].lower() in {"page", "article"}
            if not known and (match[1], match[2]) not in self.guide_pages:
                yield match.start(), f"{match[0]!r} is not a known page", f"check it and list it in {SOURCES}"
        if path.endswith(".md"):
            prose = _CODE.sub(lambda code: re.sub(r"[^\n]", " ", code[0]), text)
            for match in _LINK.finditer(prose):
                target, _, anchor = match[1].partition("#")
                if "://" not in target and not target.startswith("mailto:"):
                    file = (self.root / path).parent / target if target else self.root / path
                    yield from self._target(match, file, anchor)

    def _target(self, match: re.Match[str], file: Path, anchor: str) -> Iterator[tuple[int, str, str]]:
        cited = match[0].removeprefix("](").removesuffix(")")
        if not file.exists():
            yield match.start(), f"{cited!r}: the file does not exist", "cite one that does"
        elif anchor and file.suffix == ".md" and anchor not in self.anchors(file):
            yield match.start(), f"{cited!r}: the page has no such heading", "cite one of its headings"

    def _private(self, text: str) -> Iterator[tuple[int, str, str]]:
        for pattern in _PRIVATE:
            for match in pattern.finditer(text):
                yield match.start(), f"{match[0]!r} is not in the repository", f"cite a public source ({SOURCES})"
        for match in _ISSUE.finditer(text):
            start = match.start() - 1
            before = _REPOSITORY_BEFORE.search(text, max(0, start - 80), start)
            name = before[1].rstrip(".") if before else ""
            if not re.search("[-/]|[A-Za-z][0-9]", name) and name not in REPOSITORIES:
                cited = text[start : match.end()]
                yield start, f"{cited!r} has no repository", "state the promise, or cite owner/repo#N"

    def _replaced(self, text: str) -> Iterator[tuple[int, str, str]]:
        lower = text.lower()
        for word in self.words:
            for match in word.pattern.finditer(text if word.exact else lower):
                yield match.start(), f"{word.text!r} is a word to avoid", f"write: {word.term} ({GLOSSARY})"


def tracked(root: Path = ROOT, below: Sequence[str] = ()) -> list[str]:
    """The text files under version control, or about to be, below the given paths."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *below]
    paths = subprocess.run(listing, cwd=root, check=True, capture_output=True, text=True).stdout.split("\0")
    return [path for path in sorted(set(paths)) if _is_text(path) and (root / path).is_file()]


def _is_text(path: str) -> bool:
    return (Path(path).suffix in SUFFIXES or Path(path).name in NAMES) and path not in SKIPPED


def main(arguments: Sequence[str]) -> int:
    """Print the findings and their number by directory; return the exit status."""
    linter = Linter()
    below = [str(Path(argument).resolve().relative_to(ROOT)) for argument in arguments]
    found = [finding for path in tracked(below=below) for finding in linter.findings(path)]
    counts = Counter("/".join(Path(finding.path).parent.parts[:2]) or "." for finding in found)
    lines = [*map(str, found), *(f"{count:6} {directory}" for directory, count in sorted(counts.items()))]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
