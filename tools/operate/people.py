"""A person's data: exported, erased, and what happened to erasures. The function `erase` does the work."""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from shared.records.export import Export
from tools.operate.invoke import FunctionFailedError, Run
from tools.operate.stack import OperateError

type Say = Callable[[str], object]
type Ask = Callable[[str], str]

_NAME_ONE: Final = (
    "Name the person by the reference of a request, a phone number or an email address: make {command}"
    " PERSON=robin@example.com"
)
_NOBODY: Final = (
    "Found no request of that person. If it was erased, `make erasures` lists it. If version 0.7.0 or an earlier one"
    " stored it, run `make backfill` first. Type a number of another country with its code: PERSON='+44 20 7946 0018'."
)
_UNREAD: Final = (
    "This version cannot read these requests, so they are left out: {ids}. They stay stored. Read the log of"
    " EraseFunction, and run this again after the repair."
)
_FAILED: Final = "The function stopped with an error. Read the log of EraseFunction, and run this again: it is safe."
_OLD: Final = "The stack does not know this command. Deploy this version first: docs/deploy.md, Update."
_DIFFER: Final = (
    "These requests have different names or addresses, so they may be of several people. Name the ones that you mean:"
    " ONLY={references}"
)
# Why a request was found, as the function `erase` says it (functions/erase/found.py).
_MATCHED: Final = {
    "named": "",
    "address": ", same address",
    "number": ", only the number matches",
    "linked": ", found by another of these",
}
_ALL: Final = "YES"
_CONFIRM: Final = "Add YES=1 to erase without a question, for example in a script."
_PRIVATE: Final = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A request of the person. `held` is whether it is under legal hold. Equal addresses have equal numbers."""

    lead_id: str
    reference: str
    received_at: str
    state: str
    held: bool
    name: str
    matched: str
    address: int | None

    def __str__(self) -> str:
        """Return the line that the commands print."""
        # The visitor typed the name, and some characters would change what the terminal shows.
        name = "".join(each if each.isprintable() else "?" for each in self.name)
        address = f"address {self.address}" if self.address else "no address"
        held = ", under legal hold" if self.held else ""
        about = f"{name}, {address}{_MATCHED.get(self.matched, '')}"
        return f"  {self.reference}  received {self.received_at[:10]}, {self.state}, {about}{held}"


def find(run: Run, command: str, person: str, only: str, say: Say) -> tuple[Found, ...]:
    """Return the requests of a person, newest first. `only` has references, if not all are wanted.

    Those that the function cannot read are left out, and told.
    Raises OperateError.
    """
    if not person.strip():
        raise OperateError(_NAME_ONE.format(command=command))
    answer = _asked(run, {"job": "find", "person": person}, None)
    requests = answer.get("requests")
    if requests is None or any("matched" not in each for each in requests):
        raise OperateError(_OLD)
    if unread := answer.get("unread"):
        say(_UNREAD.format(ids=", ".join(unread)))
    found = tuple(Found(**each) for each in requests)
    if not found:
        raise OperateError(_NOBODY)
    wanted = _wanted(only)
    if unknown := set(wanted) - {each.reference for each in found}:
        raise OperateError(f"ONLY names {', '.join(sorted(unknown))}, which is not among the requests of that person.")
    return tuple(each for each in found if not wanted or each.reference in wanted)


def export_person(  # noqa: PLR0913 - what the command may be told
    run: Run, person: str, only: str, folder: Path, say: Say, *, ask: Ask | None
) -> str:
    """Write everything about a person into two files in a folder, and return where. Raises OperateError.

    `ask` asks a question at the terminal; None if there is none.
    """
    found = find(run, "export-person", person, only, say)
    _list(found, say)
    _tell_apart(found, only, ask)
    exports = []
    # One request at a time: what Lambda returns may have 6 MB.
    for number, each in enumerate(found, 1):
        answer = _asked(run, {"job": "export", "lead_ids": [each.lead_id]}, "json")
        exports.append(Export.of_json(answer))
        say(f"{number} of {len(found)} requests exported")
    export = Export.merged(exports)
    name = f"person-{found[0].reference}"
    paths = [_write(folder / f"{name}.json", export.as_json()), _write(folder / f"{name}.html", export.as_html())]
    return (
        f"Wrote {paths[0]} and {paths[1]}. Only your user may read them. They have health data: send them in a way that"
        " the person agreed to, and delete them afterwards."
    )


def erase_person(  # noqa: PLR0913 - what the command may be told
    run: Run, person: str, only: str, say: Say, *, ask: Ask | None, yes: bool
) -> str:
    """Order the erasure of a person's requests, and return what happens next. Raises OperateError.

    `ask` asks a question at the terminal; None if there is none. Requests under legal hold stay.
    """
    found = find(run, "erase-person", person, only, say)
    _list(found, say)
    free = [each for each in found if not each.held]
    if not free:
        raise OperateError("All of them are under legal hold, so nothing is erased. End the hold at the desk first.")
    _tell_apart(free, only, None if yes else ask)
    if not yes:
        _confirm(free, ask)
    answer = _asked(run, {"job": "order", "lead_ids": [each.lead_id for each in free]}, None)
    if answer.get("refused"):
        raise OperateError(f"Nothing is erased: {', '.join(answer['refused'])} came under legal hold meanwhile.")
    unknown = {*answer.get("unknown", ())}
    references = ", ".join(each.reference for each in free if each.lead_id not in unknown)
    gone = ", ".join(each.reference for each in free if each.lead_id in unknown)
    if not answer.get("erasure"):
        raise OperateError(f"Nothing is erased. No longer there: {gone}. `make erasures` lists what was erased.")
    left = f" No longer there: {gone}." if gone else ""
    stays = " Those under legal hold stay." if len(free) < len(found) else ""
    return (
        f"Ordered erasure {answer['erasure']} of {references}.{left}{stays}\n"
        "It begins within five minutes, and takes a second look six hours later. `make erasures` shows the proof.\n"
        "Now delete the emails about it: search each mailbox of your staff for the references. Backups end after 35"
        " days."
    )


def erasures(run: Run) -> str:
    """Return all erasures, newest first, as lines of text. Raises OperateError."""
    listed = _asked(run, {"job": "erasures"}, "erasures")
    if not listed:
        return "Nobody has ordered an erasure."
    return "\n\n".join(map(_described, listed))


def replay(run: Run) -> str:
    """Order again what was erased and came back with a restored table. Raises OperateError."""
    counts = _asked(run, {"job": "replay"}, None)
    if "tombstones" not in counts:
        raise OperateError(_OLD)
    done = (
        f"{counts['tombstones']} erased requests looked at. {counts['ordered']} were back and are erased again,"
        f" {counts['held']} were left alone because of a legal hold."
    )
    if counts["failed"]:
        raise OperateError(f"{done} {counts['failed']} could not be read. {_FAILED}")
    return done


def _wanted(only: str) -> list[str]:
    return only.upper().replace(",", " ").split()


def _tell_apart(found: Sequence[Found], only: str, ask: Ask | None) -> None:
    """Let somebody decide about requests that may be of several people: by name, or all of them."""
    names = {" ".join(each.name.casefold().split()) for each in found}
    if _wanted(only) or (len(names) == 1 and len({each.address for each in found}) == 1):
        return
    differ = _DIFFER.format(references=",".join(each.reference for each in found))
    if ask is None:
        raise OperateError(differ)
    if _typed(ask, f"Names or addresses differ. Type {_ALL} if you mean all {len(found)} requests: ") != _ALL:
        raise OperateError(f"Nothing is done. {differ}")


def _typed(ask: Ask, question: str) -> str:
    try:
        return ask(question).strip()
    except EOFError:
        return ""
    except KeyboardInterrupt:
        raise OperateError("Stopped. Nothing is done.") from None


def _confirm(found: Sequence[Found], ask: Ask | None) -> None:
    if ask is None:
        raise OperateError(f"This cannot be undone, and there is no terminal to ask. {_CONFIRM}")
    expected = found[0].reference
    count = "this request" if len(found) == 1 else f"these {len(found)} requests"
    if _typed(ask, f"This cannot be undone. Type {expected} to erase {count}: ").upper() != expected:
        raise OperateError("Nothing is erased: that is not the reference.")


def _list(found: Sequence[Found], say: Say) -> None:
    say(f"Found {len(found)} request{'' if len(found) == 1 else 's'}. People who share a number are found together:")
    for each in found:
        say(str(each))


def _described(report: dict[str, Any]) -> str:
    rows = {
        "ordered": f"{report['ordered_at']} by {report['ordered_by']}",
        "erased": report["erased_at"],
        "next look": report["due_at"],
        "proven": report["proven_at"],
        "last backup ends": report["backups_end_at"],
        "under legal hold": ", ".join(report["held"]),
        "still found": "; ".join(report["problems"]),
        "items of other requests": report["found_elsewhere"] or "",
        "search mailboxes for": ", ".join(report["references"]),
    }
    lines = [f"  {name + ':':25}{value}" for name, value in rows.items() if value]
    return "\n".join([f"{report['erasure']}  {str(report['state']).replace('_', ' ')}", *lines])


def _asked(run: Run, job: dict[str, Any], part: str | None) -> Any:  # noqa: ANN401 - what the function answers
    try:
        answer = run(job)
    except FunctionFailedError:
        raise OperateError(_FAILED) from None
    if part is not None and part not in answer:
        raise OperateError(_OLD)
    return answer[part] if part is not None else answer


@contextmanager
def writing() -> Iterator[None]:
    """Say in words that a file cannot be written. Raises OperateError."""
    try:
        yield
    except OSError as error:
        raise OperateError(f"The file cannot be written: {error.strerror}.") from None


@writing()
def _write(path: Path, text: str) -> Path:
    """Write a file that only this user may read. An older one is replaced as a whole."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), _PRIVATE)
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path
