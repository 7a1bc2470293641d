"""The work of Spark tasks: files, or byte ranges of large files, in groups of about equal size."""

import os
from dataclasses import dataclass
from typing import Callable, List, Sequence, Tuple

from glue_jobs.common.manifest import FrozenFile

MIN_GROUP_BYTES = 4 << 20
MAX_GROUP_BYTES = 128 << 20
MAX_PIECES_IN_GROUP = 1000


@dataclass(frozen=True)
class Piece:
    """A part of a file: the records that start in a range of its bytes.

    Attributes:
        file: the file.
        start: the first byte.
        end: the byte after the last one; the file's size for a complete file.
    """

    file: FrozenFile
    start: int
    end: int

    @property
    def complete(self) -> bool:
        """Whether the piece is the complete file."""
        return self.start == 0 and self.end == self.file.size


@dataclass(frozen=True)
class Group:
    """The work of one task: a number that names its output, and its pieces in the order of their keys."""

    number: int
    pieces: Tuple[Piece, ...]


def group_pieces(files: Sequence[FrozenFile], may_cut: Callable[[FrozenFile], bool]) -> List[Group]:
    """Cut files into groups of 4 to 128 MB, about eight of them or more.

    Pieces stay in the order of their keys, and a new folder starts a new group when the last one is half full: so
    folders that are partitions are rarely spread over several groups. The result depends on the files only, since
    a run that is started again must write the same files.

    Args:
        files: the files.
        may_cut: whether a file may be cut into ranges of bytes.
    """
    goal = min(MAX_GROUP_BYTES, max(MIN_GROUP_BYTES, -(-sum(file.size for file in files) // 8)))
    groups: List[List[Piece]] = []
    size = 0
    folder = None
    for piece in _pieces(files, may_cut, goal):
        length = piece.end - piece.start
        full = not groups or size + length > goal * 1.1 or len(groups[-1]) >= MAX_PIECES_IN_GROUP
        new_folder = folder != os.path.dirname(piece.file.key) and size * 2 > goal
        if full or new_folder:
            groups.append([])
            size = 0
        groups[-1].append(piece)
        size += length
        folder = os.path.dirname(piece.file.key)
    return [Group(number, tuple(members)) for number, members in enumerate(groups)]


def _pieces(files: Sequence[FrozenFile], may_cut: Callable[[FrozenFile], bool], goal: int) -> List[Piece]:
    pieces = []
    for file in sorted(files, key=lambda entry: entry.key):
        number = -(-file.size // goal) if file.size > goal and may_cut(file) else 1
        edges = [file.size * index // number for index in range(number + 1)]
        pieces += [Piece(file, start, end) for start, end in zip(edges, edges[1:])]
    return pieces
