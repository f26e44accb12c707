"""Rules of clinic.toml that involve several settings, our form, or other files. clinic_file.py checks each setting."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from shared.leads.clinic import LANGUAGES
from shared.leads.crisis import asks_about_crisis, mentions_crisis
from shared.leads.fields import GROUPS, NAMES
from shared.leads.look import DARK_PAPER, ENOUGH, WHITE, contrast, toward
from submit.also_sent import names_only
from submit.saying import folded
from tools.package import consents
from tools.package.logo import problem_of

_BLACK: Final = "#000000"
_FOLDED: Final = frozenset(group.name for group in GROUPS if group.folded)
# A control with such a name hides a property of the form itself, so scripts that use the form break.
_OF_THE_FORM: Final = frozenset({"action", "elements", "enctype", "length", "method", "reset", "submit", "target"})


class Problem(NamedTuple):
    """A setting that has to change: its path in clinic.toml, and what to write."""

    setting: tuple[str | int, ...]
    words: str


def problems(sections: Mapping[str, Any], folder: Path | None) -> list[Problem]:
    """Return what has to change in settings that are right one by one. `folder` has the logo and consents.toml."""
    languages = tuple(sections.get("languages", LANGUAGES))
    found = [*_untranslated(sections, languages), *_choices(sections), *_questions(sections), *_look(sections, folder)]
    if found or folder is None:
        return found
    return [Problem((name,), words) for name, words in consents.problems(sections, languages, folder)]


def _untranslated(sections: Mapping[str, Any], languages: tuple[str, ...]) -> Iterator[Problem]:
    for setting, written in _texts(sections, ()):
        for code in languages:
            if code not in written:
                words = f'has no text in "{code}"; add {code} = "...", or take "{code}" out of languages'
                yield Problem(setting, words)


def _texts(
    part: Mapping[str, Any], above: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, str]]]:
    """Yield each text that is written by language."""
    for name, value in part.items():
        setting = (*above, name)
        if isinstance(value, Mapping):
            # A choice may have the id "en" or "choices", so look at where the text is and not only at its keys.
            of_a_question = len(setting) == 3 and setting[0] == "questions" and name == "choices"  # noqa: PLR2004
            has_choices = of_a_question or ("choices",) in {setting, above}
            is_text = value.keys() <= set(LANGUAGES) and not has_choices
            yield from [(setting, value)] if is_text and value else _texts(value, setting)
        elif isinstance(value, list):
            for number, each in enumerate(value):
                if isinstance(each, Mapping):
                    yield from _texts(each, (*setting, number))


def _choices(sections: Mapping[str, Any]) -> Iterator[Problem]:
    lists = [(("choices", name), choices) for name, choices in sections.get("choices", {}).items()]
    for number, question in enumerate(sections.get("questions", ())):
        if "choices" in question:
            lists.append((("questions", number, "choices"), question["choices"]))  # type: ignore[arg-type]
    for setting, choices in lists:
        seen: dict[str, str] = {}
        for choice, label in choices.items():
            labels = _in_each_language(label)
            # A lead has only the id of a choice, and its priority depends on what that says.
            if any(map(mentions_crisis, labels)) and not mentions_crisis(choice.replace("_", " ")):
                words = 'has words that people in crisis use; write an id that says so, such as "suicidal_thoughts"'
                yield Problem((*setting, choice), words)
            for text in {choice, *labels}:
                if (other := seen.setdefault(folded(text), choice)) != choice:
                    words = f'has the same words as "{other}", so a form could mean either; write other words'
                    yield Problem((*setting, choice), words)
                    break


def _in_each_language(text: str | Mapping[str, str]) -> tuple[str, ...]:
    return tuple(text.values()) if isinstance(text, Mapping) else (text,)


def _questions(sections: Mapping[str, Any]) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, question in enumerate(sections.get("questions", ())):
        name, here = question["id"], ("questions", number)
        if name in seen:
            yield Problem((*here, "id"), f'"{name}" is the id of another question; write a different one')
        seen.add(name)
        if name in NAMES or name in NAMES.values() or name in _OF_THE_FORM:
            yield Problem((*here, "id"), f'"{name}" is the name of a field of the form; write another id')
        elif names_only(name, ""):
            words = f'"{name}" looks like the name of a secret, whose value we never store; write another id'
            yield Problem((*here, "id"), words)
        # A lead has only the id of a question, too.
        if any(map(asks_about_crisis, _in_each_language(question["label"]))) and not asks_about_crisis(name):
            words = 'is of a question about a crisis; write an id that says so, such as "suicidal_thoughts"'
            yield Problem((*here, "id"), words)
        takes_choices = question["kind"] in {"choice", "several"}
        if takes_choices and "choices" not in question:
            example = 'choices = { email = "Email", letter = "Letter" }'
            yield Problem((*here, "choices"), f"is missing; write, for example, {example}")
        if not takes_choices and "choices" in question:
            words = f'are not for kind = "{question["kind"]}"; remove them, or write kind = "choice"'
            yield Problem((*here, "choices"), words)
        if question.get("required") and question["group"] in _FOLDED:
            words = 'is for a part of the form that starts folded; write group = "about", or required = false'
            yield Problem((*here, "required"), words)


def _look(sections: Mapping[str, Any], folder: Path | None) -> Iterator[Problem]:
    look = sections.get("look", {})
    for name, ground, end, way, where in (
        ("accent", WHITE, _BLACK, "darker", "white"),
        ("accent_dark", DARK_PAPER, WHITE, "lighter", "the dark page"),
    ):
        color = look.get(name)
        if color and contrast(color, ground) < ENOUGH:
            better = toward(end, color, against=ground)
            words = (
                f"has a contrast of {contrast(color, ground):.1f} with {where}, and people need {ENOUGH}; "
                f'write a {way} color, such as "{better}"'
            )
            yield Problem(("look", name), words)
    if folder is not None and "logo" in look and (problem := problem_of(folder / look["logo"])):
        yield Problem(("look", "logo"), problem)
