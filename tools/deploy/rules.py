"""Whether an answer is one that the template accepts, as CloudFormation decides it, and what to write instead."""

import re
from collections.abc import Callable, Iterator
from typing import Final
from urllib.parse import urlsplit

from tools.deploy.regions import refused
from tools.deploy.template import Parameter, longest_stack_name

_NUMBER: Final = re.compile(r"-?[0-9]{1,9}")
_STACK_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_INSIDE_BRACKETS: Final = re.compile(r"<([^<>]*)>\s*$")

type Check = Callable[[str], str]


class AnswerError(Exception):
    """An answer is wrong. The text says what is wrong and gives an example."""


def checked(parameter: Parameter, typed: str) -> str:
    """Return the value for the template. Raises AnswerError.

    Spaces around a value and around the parts of a list go. A choice may be typed in capitals, or as y or n.
    """
    value = _tidy(parameter, typed)
    if problem := _problem(parameter, value):
        meant = next(_meant(parameter, value), None)
        instead = f" Did you mean {meant}?" if meant is not None else ""
        example = f" Example: {parameter.example}" if parameter.example and meant is None else ""
        raise AnswerError(f"{problem} {parameter.constraint}{instead}{example}")
    return value


def checked_stack(typed: str) -> str:
    """Return a stack's name. Raises AnswerError."""
    name = typed.strip()
    if not _STACK_NAME.fullmatch(name):
        raise AnswerError(
            f"{_shown(name)} cannot be a stack's name. Use letters, digits and hyphens, and start with a letter."
            " Example: clinic-leads"
        )
    if len(name) > longest_stack_name():
        raise AnswerError(
            f"{name} has {len(name)} characters. The names of the functions and schedules start with it, so it can have"
            f" {longest_stack_name()} at most. Example: clinic-leads"
        )
    return name


def checked_region(typed: str) -> str:
    """Return a region. Raises AnswerError."""
    region = typed.strip().lower()
    if problem := refused(region):
        raise AnswerError(problem)
    return region


def _tidy(parameter: Parameter, typed: str) -> str:
    if parameter.is_list:
        return ",".join(part for each in typed.split(",") if (part := each.strip()))
    value = typed.strip()
    if parameter.kind == "Number" and _NUMBER.fullmatch(value):
        return str(int(value))
    for choice in parameter.values:
        if value.lower() in {choice.lower(), *({choice[0]} if choice in {"yes", "no"} else ())}:
            return choice
    return value


def _problem(parameter: Parameter, value: str) -> str | None:
    if parameter.kind == "Number":
        if not _NUMBER.fullmatch(value):
            return f"{_shown(value)} is not a whole number."
        number = int(value)
        if (parameter.smallest is not None and number < parameter.smallest) or (
            parameter.largest is not None and number > parameter.largest
        ):
            return f"{number} is out of range."
    for part in value.split(",") if parameter.is_list else [value]:
        if parameter.pattern and not re.fullmatch(parameter.pattern, part):
            return f"{_shown(part)} is not valid." if part else "This must not be empty."
        if parameter.values and part not in parameter.values:
            return f"{_shown(part)} is not one of the choices."
    return None


def _shown(value: str) -> str:
    return ascii(value) if len(value) <= 80 else ascii(value[:80]) + "..."  # noqa: PLR2004 - a line of a terminal


def _meant(parameter: Parameter, value: str) -> Iterator[str]:
    """Yield what the person probably meant, as far as the template accepts it."""
    parts = value.split(",") if parameter.is_list else [value]
    for change in (_address_in_brackets, _without_slash, _without_query, _with_https, _origin):
        meant = ",".join(changed if (changed := change(part)) and _problem(parameter, part) else part for part in parts)
        if meant != value and meant and not _problem(parameter, meant):
            yield meant


def _address_in_brackets(text: str) -> str:
    found = _INSIDE_BRACKETS.search(text)
    return found[1].strip() if found else ""


def _origin(text: str) -> str:
    scheme, separator, rest = text.partition("://")
    return f"{scheme.lower()}://{rest.partition('/')[0]}" if separator else f"https://{text.partition('/')[0]}"


def _with_https(text: str) -> str:
    return "" if "://" in text else f"https://{text}"


def _without_slash(text: str) -> str:
    return text.rstrip("/")


def _without_query(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}{parts.path}" if parts.netloc else ""
