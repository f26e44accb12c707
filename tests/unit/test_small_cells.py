"""shared.leads.small_cells: nobody can work out a small cell from what is shown."""

from collections.abc import Mapping
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.leads.small_cells import FEWEST, MergedRow, merged, rest_is_large, without_small

COLUMNS = ("booked", "came", "declined", "open")
type Table = dict[str, dict[str, int]]


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Return a table whose rows are large enough together, as the report makes sure."""
    counts = st.one_of(st.integers(0, 8), st.integers(0, 40))
    rows = draw(st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, counts)), min_size=1, max_size=5))
    return {f"campaign {number}": row for number, row in enumerate(rows) if sum(row.values()) >= FEWEST}


def could_differ(table: Table, shown: Mapping[str, MergedRow], row: str, column: str) -> bool:
    """Return whether another table has the same totals and shown cells, and a different number in this cell.

    One more or less in this cell has to be made up for along a path of hidden cells: rows and columns in turn, one less
    and one more. Only a cell that is not 0 can be one less.
    """
    hidden = {(r, c) for r, cells in table.items() for c in COLUMNS if c not in shown[r].cells and shown[r].others}
    return any(_path(table, hidden - {(row, column)}, row, column, less=less) for less in (False, True))


def _path(table: Table, hidden: set[tuple[str, str]], row: str, column: str, *, less: bool) -> bool:
    """Return whether a path leads from the column back to the row. `less` is whether the cell itself is one less."""
    columns, rows = {column}, set[str]()
    while True:
        # In a column, the first cell of the path changes in the other direction than the cell itself.
        rows_now = {r for r, c in hidden if c in columns and (less or table[r][c] > 0)}
        columns_now = columns | {c for r, c in hidden if r in rows_now and (not less or table[r][c] > 0)}
        if row in rows_now:
            return True
        if rows_now <= rows and columns_now <= columns:
            return False
        rows, columns = rows_now, columns_now


@given(tables())
@example({"campaign 0": {"booked": 1, "came": 6, "declined": 0, "open": 0}})
@example(
    {
        "campaign 0": {"booked": 1, "came": 6, "declined": 0, "open": 9},
        "campaign 1": {"booked": 20, "came": 7, "declined": 0, "open": 0},
    }
)
def test_a_small_cell_is_neither_shown_nor_left_over(table: Table) -> None:
    rows = merged(table)
    if rows is None:
        return
    shown = {row.name: row for row in rows}
    assert [*shown] == [*table]
    for name, cells in table.items():
        row = shown[name]
        assert row.total == sum(cells.values()) == sum(row.cells.values()) + row.others
        assert all(row.cells[column] == cells[column] >= FEWEST for column in row.cells)
        assert row.others == 0 or row.others >= FEWEST
        for column, count in cells.items():
            if 0 < count < FEWEST:
                assert could_differ(table, shown, name, column), (name, column, rows)


@given(tables())
def test_a_table_without_small_cells_is_shown_as_it_is(table: Table) -> None:
    large = {name: {column: count + FEWEST for column, count in cells.items()} for name, cells in table.items()}
    rows = merged(large)
    assert rows is not None
    assert {row.name: dict(row.cells) for row in rows} == large


@pytest.mark.parametrize("cells", [{"booked": 1, "came": 6}, {"booked": 4, "came": 1}])
def test_a_single_row_with_a_small_cell_is_not_shown(cells: dict[str, int]) -> None:
    assert merged({"spring": cells}) is None


def test_the_reader_cannot_subtract_the_cells_of_the_other_rows_from_a_total() -> None:
    table = {"spring": {"booked": 2, "came": 30, "open": 10}, "summer": {"booked": 20, "came": 40, "open": 50}}
    rows = merged(table)
    assert rows is not None
    assert [(row.name, dict(row.cells), row.others) for row in rows] == [
        ("spring", {"came": 30}, 12),
        ("summer", {"came": 40}, 70),
    ]


def like_the_report(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return counts as the report has them: the largest first, and none that is 0."""
    return sorted(((name, count) for name, count in counts.items() if count), key=lambda each: (-each[1], each[0]))


@given(st.dictionaries(st.sampled_from("abcdef"), st.one_of(st.integers(1, 6), st.integers(0, 40)), max_size=6))
@example({"a": 4, "b": 3, "c": 20})
@example({"a": 4, "b": 4, "c": 20})
@example({"a": 1, "b": 1, "c": 20})
@example({"a": 3, "c": 20})
def test_a_small_number_of_a_list_cannot_be_worked_out(counts: dict[str, int]) -> None:
    """The reader knows the total, and how the list is made: they try each list that would look the same."""
    shown = without_small(like_the_report(counts))
    if shown is None:
        return
    hidden = [name for name, count in shown if count is None]
    assert {name: count for name, count in shown if count} == {n: c for n, c in counts.items() if c >= FEWEST}
    assert set(hidden) == {name for name, count in counts.items() if 0 < count < FEWEST}
    possible = [
        numbers
        for numbers in product(range(1, FEWEST), repeat=len(hidden))
        if sum(numbers) == sum(counts[name] for name in hidden)
        and without_small(like_the_report(counts | dict(zip(hidden, numbers, strict=True)))) == shown
    ]
    assert all(len(set(of_a_name)) > 1 for of_a_name in zip(*possible, strict=True))
    assert not hidden or sum(counts[name] for name in hidden) >= FEWEST


@pytest.mark.parametrize("total", range(60))
def test_one_of_two_parts_cannot_be_worked_out_if_one_is_small(total: int) -> None:
    def looks(count: int) -> object:
        return (count if count >= FEWEST else "few") if rest_is_large(count, total) else None

    for count in range(total + 1):
        if count < FEWEST or total - count < FEWEST:
            assert sum(looks(other) == looks(count) for other in range(total + 1)) > 1 or total == 0
