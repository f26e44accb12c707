"""The record of consent texts, functions/consents.toml: which text each version had, in each language.

A stored consent has a version. So a version must mean the same text forever, and the build checks that.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from shared.leads.clinic import hash_of
from shared.leads.lead import CONTACT, NEWS, TEXTS
from shared.leads.localized import localized
from tools.package.invalid import InvalidClinicError

FILE: Final = "consents.toml"
KINDS: Final = (CONTACT, TEXTS, NEWS)
_HEADER: Final = """\
# The consent texts of clinic.toml, as hashes: which text each version had, by language. Written by `make docs`, and
# checked by the build. Commit it. Never edit or remove an entry: stored consents name these versions.
"""

type Record = dict[str, dict[str, dict[str, str]]]  # by the consent, its version and the language


def problems(sections: Mapping[str, Any], languages: tuple[str, ...], folder: Path) -> Iterator[tuple[str, str]]:
    """Yield each consent whose text changed without a new version, or whose version is not recorded; and what to do."""
    record = _read(folder)
    for name in KINDS:
        version, now = _current(sections, languages, name)
        recorded = record.get(name, {}).get(version, {})
        if any(recorded.get(code, each) != each for code, each in now.items()):
            yield name, f'the text changed, so give it a new version, for example "{_next(version)}", and run make docs'
        elif now.keys() - recorded.keys():
            yield name, f'version "{version}" is not recorded in functions/{FILE} yet; run make docs'


def recorded(sections: Mapping[str, Any], languages: tuple[str, ...], folder: Path) -> str:
    """Return consents.toml with the versions of clinic.toml added. Its entries stay as they are."""
    record = _read(folder)
    for name in KINDS:
        version, now = _current(sections, languages, name)
        versions = record.setdefault(name, {})
        versions[version] = now | versions.get(version, {})
    lines = [
        "\n".join(
            [f"\n[{name}.{json.dumps(version)}]", *(f'{code} = "{each}"' for code, each in sorted(hashes.items()))]
        )
        for name in KINDS
        for version, hashes in sorted(record[name].items())
    ]
    return _HEADER + "\n".join(lines) + "\n"


def _current(sections: Mapping[str, Any], languages: tuple[str, ...], name: str) -> tuple[str, dict[str, str]]:
    text = localized(sections[name]["text"], languages)
    return sections[name]["version"], {code: hash_of(text.of(code)) for code in languages}


def _read(folder: Path) -> Record:
    file = folder / FILE
    try:
        return tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    except ValueError as error:  # no TOML, such as after a merge with conflicts, or not in UTF-8
        words = f"functions/{FILE} cannot be read: {error}; restore it from the repository"
        raise InvalidClinicError(words) from error


def _next(version: str) -> str:
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    return today if today != version else f"{today}-2"
