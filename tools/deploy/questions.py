"""Asks for the parameters: each with its help, its choices, and the answer that Enter keeps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from tools.deploy.rules import AnswerError, checked
from tools.deploy.template import Parameter, parameters
from tools.deploy.terminal import Terminal

EMPTY: Final = "-"
_FEW: Final = 4
_ALL: Final = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A better answer than the default, and why. Without it, the deployment or the stack fails if it is `needed`.

    If it is `personal`, a person has to see that it replaces another answer.
    """

    value: str
    reason: str
    needed: bool = False
    personal: bool = False


# What is known about the account, given the answers so far: a suggestion, or None.
type Suggest = Callable[[str, Mapping[str, str]], Suggestion | None]


def ask(terminal: Terminal, known: Mapping[str, str], suggest: Suggest, answers: dict[str, str]) -> None:
    """Fill `answers`, so that what was answered is there even if the person stops half-way.

    `known` are the answers of last time. If all of them are good, the person may keep them at once.
    """
    if known and not _problems(known):
        _show(terminal, known)
        changed = terminal.ask("Change any? Names, all, or Enter for none: ", _chosen).split()
        if changed != [_ALL]:
            answers.update(_filled(known, suggest, terminal))
            for parameter in parameters():
                suggestion = suggest(parameter.name, answers) if changed else None
                if parameter.name in changed:
                    answers[parameter.name] = _answer(terminal, parameter, answers, suggestion)
                elif suggestion and suggestion.needed:  # because of the answers that changed
                    answers[parameter.name] = _replaced(terminal, parameter, answers[parameter.name], suggestion)
            return
    group = None
    for parameter in parameters():
        if parameter.group != group:
            group = parameter.group
            terminal.heading(group)
        answers[parameter.name] = _answer(terminal, parameter, known, suggest(parameter.name, answers))


def _chosen(typed: str) -> str:
    """Return the parameters that somebody named, or `all`. Raises AnswerError."""
    words = typed.replace(",", " ").lower().split()
    if words in ([_ALL], ["y"], ["yes"]):
        return _ALL
    names = {parameter.name.lower(): parameter.name for parameter in parameters()}
    if unknown := [word for word in words if word not in {*names, "n", "no", "none"}]:
        raise AnswerError(
            f"{unknown[0][:80]!a} is not a name in the list. Type one or more of the names, or all. Example: OpsEmail"
        )
    return " ".join(names[word] for word in words if word in names)


def keep(known: Mapping[str, str], suggest: Suggest, terminal: Terminal) -> dict[str, str]:
    """Return the answers of last time without a question. Raises AnswerError if one is missing or wrong."""
    if problems := _problems(known):
        raise AnswerError("\n".join(problems))
    return _filled(known, suggest, terminal, alone=True)


def _filled(known: Mapping[str, str], suggest: Suggest, terminal: Terminal, *, alone: bool = False) -> dict[str, str]:
    filled: dict[str, str] = {}
    for parameter in parameters():
        value = checked(parameter, known.get(parameter.name, parameter.default or ""))
        suggestion = suggest(parameter.name, filled)
        if suggestion and (suggestion.needed or parameter.name not in known):
            if alone and suggestion.personal and suggestion.value != value:
                raise AnswerError(
                    f"{parameter.name}: It is {value}, but should be {suggestion.value}. {suggestion.reason}"
                )
            value = _replaced(terminal, parameter, value, suggestion)
        filled[parameter.name] = value
    return filled


def _replaced(terminal: Terminal, parameter: Parameter, value: str, suggestion: Suggestion) -> str:
    if suggestion.value != value:
        terminal.note(f"{parameter.name} is {suggestion.value}: {suggestion.reason}")
    return suggestion.value


def _problems(known: Mapping[str, str]) -> list[str]:
    found = []
    for parameter in parameters():
        value = known.get(parameter.name, parameter.default)
        try:
            if value is None:
                found.append(f"{parameter.name}: There is no answer yet.")
            else:
                checked(parameter, value)
        except AnswerError as error:
            found.append(f"{parameter.name}: {error}")
    return found


def _show(terminal: Terminal, known: Mapping[str, str]) -> None:
    terminal.heading("Your answers of last time")
    width = max(len(parameter.name) for parameter in parameters())
    for parameter in parameters():
        value = known.get(parameter.name, parameter.default)
        new = "" if parameter.name in known else "   (new: the default)"
        terminal.say(f"  {parameter.name:<{width}}  {value or '(empty)'}{new}")


def _answer(terminal: Terminal, parameter: Parameter, known: Mapping[str, str], suggestion: Suggestion | None) -> str:
    shown = _valid(parameter, known.get(parameter.name))
    if suggestion and (suggestion.needed or shown is None):
        shown = suggestion.value
    if shown is None:
        shown = parameter.default
    terminal.say(f"\n{parameter.name}")
    terminal.note(parameter.description)
    if len(parameter.values) > _FEW:
        terminal.note(f"Choices: {', '.join(parameter.values)}.")
    if suggestion and shown == suggestion.value:
        terminal.note(f"Suggested: {suggestion.value}. {suggestion.reason}")

    def check(typed: str) -> str:
        if not typed.strip() and shown is not None:
            return shown
        return checked(parameter, "" if typed.strip() == EMPTY else typed)

    value = terminal.ask(_prompt(parameter, shown), check)
    if parameter.name == "FallbackRecipients" and not value:
        terminal.note("Without them, nobody else hears if an alert bounces or nobody claims a request.", "  ! ")
    return value


def _prompt(parameter: Parameter, shown: str | None) -> str:
    choices = f" ({', '.join(parameter.values)})" if 0 < len(parameter.values) <= _FEW else ""
    if parameter.smallest is not None:
        choices = f" ({parameter.smallest} to {parameter.largest})"
    emptied = f"; {EMPTY} for empty" if shown and parameter.default == "" else ""
    kept = "" if shown is None else f" [{shown or 'empty'}{emptied}]"
    return f"  {parameter.name}{choices}{kept}: "


def _valid(parameter: Parameter, value: str | None) -> str | None:
    try:
        return None if value is None else checked(parameter, value)
    except AnswerError:
        return None
