"""Markdown tables."""

from collections.abc import Iterable, Sequence


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Iterable[int] = ()) -> str:
    """Return a table without a final line break. The columns at the positions in `numbers` are right-aligned."""
    right = frozenset(numbers)
    rule = ["---:" if place in right else "---" for place in range(len(columns))]
    return "\n".join(f"| {' | '.join(line)} |" for line in (columns, rule, *rows))
