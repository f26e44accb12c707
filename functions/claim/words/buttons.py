"""The buttons of a page: only those that are possible now, the most likely first."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from claim.form import TOGETHER, Press
from claim.view import View
from claim.words.said import Button
from shared.leads.response import ClaimAction, ResponseState
from shared.web.labels import LABELS, NOT_A_REQUEST

FOLDED_TITLE: Final = "Not a request, or no more contact?"
TRY_AGAIN: Final = "Try again"
UNDO: Final = "Undo"
_ORDER: Final = (
    ClaimAction.CLAIM,
    ClaimAction.REACHED,
    ClaimAction.NO_ANSWER,
    ClaimAction.EMAILED,
    ClaimAction.UNREACHABLE,
    ClaimAction.HAND_BACK,
    ClaimAction.REOPEN,
)


def buttons(view: View, *, first: ClaimAction | None = None, undo: bool = False) -> tuple[Button, ...]:
    """Return the buttons that are always shown. `first` is the link's own choice.

    There is no main button if there is nothing to do: the request is closed, or a colleague has it.
    """
    order = dict.fromkeys([*([first] if first else []), *_ORDER])
    shown = _possible(view, order, undo=undo)
    if shown and (first or _has_to_act(view)):
        shown[0] = replace(shown[0], main=True)
    return tuple(shown)


def folded(view: View) -> tuple[Button, ...]:
    """Return the buttons that say why this is not a request."""
    return tuple(_possible(view, NOT_A_REQUEST))


def again(press: Press | None) -> Button:
    """Return the button that repeats a press that may have failed. None is a press that sent nothing."""
    if press is None:
        return Button(label=TRY_AGAIN, main=True)
    also = tuple(("also", each) for each in sorted(press.also or ()))
    action = str(press.action) if press.also is None else TOGETHER[press.action]
    return Button(label=TRY_AGAIN, fields=(("seen", str(press.seen)), *also, ("action", action)), main=True)


def closes_others(view: View, action: ClaimAction, label: str) -> Button:
    """Return the button that does `action` with the person's other requests too."""
    return Button(label=label, fields=(("seen", str(view.seen)), ("action", TOGETHER[action])))


def _has_to_act(view: View) -> bool:
    return view.progress.response is not ResponseState.CLOSED and (view.owner is None or view.is_owner)


def _possible(view: View, actions: Iterable[ClaimAction], *, undo: bool = False) -> list[Button]:
    return [
        Button(
            label=UNDO if undo and action is ClaimAction.REOPEN else LABELS[action],
            fields=(("seen", str(view.seen)), ("action", str(action))),
        )
        for action in actions
        if action in view.possible
    ]
