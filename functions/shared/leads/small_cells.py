"""Merges the small cells of a table, so that nobody can work them out from the rest.

A cell of one to four requests could be one person that the reader knows. It is not enough to leave it out: the totals
are known, so the only gap in a row or a column is what is missing from its total. So a small cell is left out together
with three others, at the corners of a rectangle. Then one more at two opposite corners and one less at the other two is
a table with the same totals and the same cells that are shown, and the reader cannot tell the two apart.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

# A number of requests below this is small.
FEWEST: Final = 5

type Table = Mapping[str, Mapping[str, int]]
type _Cell = tuple[str, str]


def rest_is_large(count: int, total: int) -> bool:
    """Return whether a reader of a total may also read one of its two parts, as "fewer than FEWEST" if it is small.

    The other part must not be small. Below twice FEWEST, one of the two always is.
    """
    return total >= 2 * FEWEST and total - count >= FEWEST


def without_small(counts: Iterable[tuple[str, int]]) -> tuple[tuple[str, int | None], ...] | None:
    """Return the parts of a total with None for each small one, or None if one could be worked out: then show nothing.

    The reader knows the sum of the small ones, because they know the total and the others. If they are all as small, or
    all as large, as they can be, the sum gives each of them away. The small ones come last, in the order of their
    names, because the order of their numbers would say too much.
    """
    every = tuple(counts)
    small = sorted(name for name, count in every if _is_small(count))
    known = sum(count for _, count in every if _is_small(count))
    hidden = not small or max(len(small) + 1, FEWEST) <= known < (FEWEST - 1) * len(small)
    if not hidden or sum(count for _, count in every) < 2 * FEWEST:
        return None
    return (*((name, count) for name, count in every if count >= FEWEST), *((name, None) for name in small))


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedRow:
    """A row: its total, the cells that are shown, and the sum of the others."""

    name: str
    total: int
    cells: Mapping[str, int]
    others: int


def merged(table: Table) -> tuple[MergedRow, ...] | None:
    """Return the rows of a table with its small cells merged, or None if that is impossible: then show nothing.

    Every row has a total of at least FEWEST. Each cell that is shown, and each sum of others, is at least FEWEST or 0.
    """
    hidden = {(row, column) for row, cells in table.items() for column, count in cells.items() if _is_small(count)}
    columns = sorted({column for cells in table.values() for column in cells})
    full = {row: {column: cells.get(column, 0) for column in columns} for row, cells in table.items()}
    while True:
        more = _unprotected(full, hidden)
        if more is None:
            return None
        more |= _too_few(full, hidden)
        if more <= hidden:
            break
        hidden |= more
    return tuple(
        MergedRow(
            name=row,
            total=sum(cells.values()),
            cells={column: count for column, count in cells.items() if count and (row, column) not in hidden},
            others=sum(count for column, count in cells.items() if (row, column) in hidden),
        )
        for row, cells in full.items()
    )


def _is_small(count: int) -> bool:
    return 0 < count < FEWEST


def _unprotected(table: Table, hidden: set[_Cell]) -> set[_Cell] | None:
    """Return what to hide so that each small cell is at the corner of a hidden rectangle, or None if one cannot be."""
    found: set[_Cell] = set()
    for row, cells in table.items():
        for column, count in cells.items():
            if not _is_small(count):
                continue
            known = hidden | found
            # The rectangle that hides the fewest more requests.
            best = min(
                _rectangles(table, row, column),
                key=lambda corners: (sum(table[a][b] for a, b in corners if (a, b) not in known), corners),
                default=None,
            )
            if best is None:
                return None
            found.update(best)
    return found


def _rectangles(table: Table, row: str, column: str) -> Iterator[tuple[_Cell, ...]]:
    """Yield the other corners of each rectangle whose far corner can be one less."""
    for other_row, cells in table.items():
        for other_column, count in cells.items():
            if count and other_row != row and other_column != column:
                yield (other_row, other_column), (row, other_column), (other_row, column)


def _too_few(table: Table, hidden: set[_Cell]) -> set[_Cell]:
    """Return what else to hide so that the others of a row are not few together."""
    found: set[_Cell] = set()
    for row, cells in table.items():
        if _is_small(sum(count for column, count in cells.items() if (row, column) in hidden)):
            shown = [(count, column) for column, count in cells.items() if count and (row, column) not in hidden]
            found.add((row, min(shown)[1]))
    return found
