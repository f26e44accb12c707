"""A clone stays small: pictures are few, small, and shown by a doc."""

from tests.architecture.templates import ROOT
from tools.local.pictures import IMAGES, shown

LIMIT = 3_000_000  # bytes


def test_all_pictures_together_are_below_three_megabytes() -> None:
    sizes = {path.relative_to(ROOT): path.stat().st_size for path in (ROOT / "docs").rglob("*.png")}
    largest = sorted(sizes, key=lambda path: sizes[path], reverse=True)[:5]
    assert sum(sizes.values()) < LIMIT, (
        f"The pictures in docs have {sum(sizes.values()):,} bytes, the limit is {LIMIT:,}."
        f" Delete some, or save them with a palette (tools/local/pictures.py). Largest: {', '.join(map(str, largest))}"
    )


def test_every_picture_is_shown_in_a_doc() -> None:
    unused = sorted(str(path.relative_to(ROOT)) for path in set(IMAGES.glob("*.png")) - shown())
    assert not unused, f"No doc shows {', '.join(unused)}. Delete these files, or show them in README.md or docs."


def test_every_picture_that_a_doc_shows_is_in_the_repository() -> None:
    missing = sorted(str(path.relative_to(ROOT)) for path in shown() if not path.is_file())
    assert not missing, f"A doc shows {', '.join(missing)}. Run `make screenshots`, or correct the name in the doc."
