"""What a form sent and our form has no place for, so that a page can keep it and say so truly."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from shared.leads.fields import FIELDS, NAMES
from submit.also_sent import is_machine_name, is_secret
from submit.clean import single_line
from submit.filled import Filled, is_choice

if TYPE_CHECKING:
    from submit.form import Control

_MOST: Final = 100  # values on a page; no form of a clinic has as many
_CHOICES: Final = {"radio", "checkbox", "checkboxes"}
# Fields that are not for people: what the page carries on its own, and the browser's report of the encoding.
_NOT_TYPED: Final = {"_charset_", "time_zone"} | {
    name for name, field in NAMES.items() if FIELDS[field].control in {"carried", "trap", "none"}
}


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What is sent again as it is: (name, value), a name as often as it was sent.

    `withheld` are the names of fields whose values are not shown or sent again, such as a password. `complete` says
    whether everything else is on the page.
    """

    sent_again: tuple[tuple[str, str], ...]
    withheld: tuple[str, ...]
    complete: bool

    @property
    def shown(self) -> list[tuple[str, str]]:
        """What is sent again, with names as words."""
        return [(as_words(name), value) for name, value in self.sent_again]


def leftovers(filled: Filled, controls: Iterable["Control"]) -> Leftovers:
    """Return what `controls` do not show of a form. Looks at a bounded number of values, however many there are."""
    by_name = {control.name: control for control in controls}
    found: list[tuple[str, str]] = []
    withheld: dict[str, None] = {}
    complete = True
    for name in filled.fields:
        if name not in by_name and (name in _NOT_TYPED or is_machine_name(name)):
            continue
        complete &= filled.is_readable(name)
        for text in _not_shown(filled, name, by_name.get(name)):
            if filled.problem(name):
                complete = False  # sent again, it would only have the same problem again
            elif is_secret(name, text):
                withheld[as_words(name)] = None
            elif len(found) == _MOST:
                complete = False
            elif sent_as := single_line(name):
                found.append((sent_as, text))
            else:
                complete = False
        if not complete and len(found) == _MOST:
            break
    return Leftovers(tuple(found), tuple(withheld), complete)


def as_words(name: str) -> str:
    """Return a field's name as people read it: "your-name" is "Your name"."""
    words = single_line(name.replace("-", " ").replace("_", " ")) or single_line(name)
    return words[:1].upper() + words[1:]


def _not_shown(filled: Filled, name: str, control: "Control | None") -> Iterator[str]:
    texts = filled.values(name)
    if control is None:
        yield from texts
    elif control.kind in _CHOICES:
        offered = control.options or (("yes", ""), ("no", ""))
        yield from (text for text in texts if not any(is_choice(name, text, *each, offered) for each in offered))
    else:
        *others, last = texts or [""]
        yield from others
        # A list keeps a value that it does not have, unless there is a problem with it.
        if control.kind == "select" and filled.problem(name) and last:
            yield last
