"""Each email uses only what Outlook for Windows, Gmail and Apple's apps support, according to caniemail.com.

Some properties may be missing there, because an email is complete without them. Each has its reason below.
"""

from collections import defaultdict
from typing import Final

from tests.node_tools import needs_node, run_node
from tests.unit.every_email import every_email

# What is not supported somewhere: the feature, and what happens without it.
WITHOUT: Final = {
    "@media": "The colors are those of light mode.",
    "<style> element": "The colors are those of light mode: it has nothing else.",
    "color-scheme meta tag": "The colors are those of light mode, or the client's own dark mode.",
    "border-radius": "Corners are square.",
    "white-space": "A line may end within a reference or a time.",
}
# What is supported in part, and why that part is not needed.
IN_PART: Final = {
    "<style> element": "It is in the head, before its rules are used, and smaller than 16 KB.",
    "@media": "Without it, the colors are those of light mode. No rule asks for a height.",
    "<body> element": "The cell around the card has the same background.",
    "margin": "No margin is negative. `auto` centers the card: a table does that in Outlook.",
    "padding": "On a cell. On a link it makes more of a button clickable; the button has its own cell.",
    "width attribute": "Only tables have one.",
    "max-width": "On a block. Outlook gets a table of that width.",
    "border": "On cells, at most 5 pixels wide.",
    "background": "Only colors.",
    "letter-spacing": "One pixel, which looks the same everywhere.",
    "text-transform": "Only uppercase.",
    "text-align": "Only left, right and center.",
    "text-decoration": "One value. A button with an underline is still a button.",
    "display": "Without `block`, only the words of a button are clickable.",
    "font-weight": "Only 700.",
    "font-size": "Only pixels.",
    "line-height": "Only pixels, and taller than the letters.",
    "dir attribute": "On paragraphs, not on links.",
    "<ul>, <ol> and <dl>": "No list is numbered.",
    "white-space": "A line may end within a reference or a time.",
    "word-break": "It breaks a long word, as it should.",
}


@needs_node
def test_every_email_is_complete_in_every_client() -> None:
    found = defaultdict(set)
    for name, level, client, feature, note in run_node(
        "check_support.mjs", {name: message.html for name, message in every_email().items()}
    ):
        found[level, feature].add(f"{name} in {client}: {note}")
    allowed = {("errors", feature) for feature in WITHOUT} | {("warnings", feature) for feature in IN_PART}
    wrong = [f"{level} {feature}: {min(where)}" for (level, feature), where in found.items()
             if (level, feature) not in allowed]  # fmt: skip
    assert not wrong, "use something else, or say in WITHOUT or IN_PART why it is not needed:\n" + "\n".join(wrong)
    unused = allowed - set(found)
    assert not unused, f"no email needs these exceptions: {sorted(unused)}"


@needs_node
def test_what_clients_do_not_support_is_noticed() -> None:
    page = '<p style="display:flex;white-space:pre-wrap"><bdi>x</bdi></p>'
    found = {(level, feature) for _, level, _, feature, _ in run_node("check_support.mjs", {"x": page})}
    assert {("errors", "white-space"), ("errors", "<bdi> element")} <= found


def test_boxes_and_buttons_are_cells_and_look_right_without_the_head() -> None:
    for name, message in every_email().items():
        html = message.html.partition("<body")[2]
        assert "<table" in html, name
        assert "<style" not in html, name
        for start in html.split("<td")[1:]:
            attributes = start.partition(">")[0]
            assert ("bgcolor" in attributes) == ("background-color" in attributes), name
