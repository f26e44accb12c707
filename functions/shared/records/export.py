"""An export of everything that is stored about a person: one JSON text or one page to read."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from shared.runtime.files import templates
from shared.text.en import LANGUAGE

_FOLDER: Final = "shared/records"
# What the page shows of a timeline entry in other places, or not at all.
_NOT_DETAILS: Final = frozenset({"pk", "sk", "schema", "expires_at", "at", "kind", "actor", "by", "text", "press"})


@dataclass(frozen=True)
class Export:
    """The document that shared/records/gathering.py makes."""

    document: dict[str, Any]

    @classmethod
    def of_json(cls, text: str) -> Self:
        """Return the export that `as_json` wrote."""
        return cls(json.loads(text))

    @classmethod
    def merged(cls, exports: Sequence[Self]) -> Self:
        """Return one export from those of single requests. What several of them have is in it once."""
        documents = [export.document for export in exports]
        requests = _joined(documents, "requests", ("id",))
        requests.sort(key=lambda request: str(request["received_at"]), reverse=True)
        seen_by = _joined(documents, "seen_by", ("number",))
        seen_by.sort(key=lambda entry: int(entry["number"]), reverse=True)
        linked = [_in_order(item) for item in _joined(documents, "linked_items", ("pk", "sk"))]
        linked.sort(key=lambda item: (str(item["pk"]), str(item["sk"])))
        return cls({**documents[0], "requests": requests, "linked_items": linked, "seen_by": seen_by})

    def as_json(self) -> str:
        """Return the document as JSON to read and to process."""
        return json.dumps(self.document, ensure_ascii=False, indent=2) + "\n"

    def as_html(self) -> str:
        """Return the document as one page, which runs no script and fetches nothing."""
        zone = ZoneInfo(self.document["time_zone"])

        def at(text: str) -> str:
            local = datetime.fromisoformat(text).astimezone(zone)
            return f"{local:%B %-d, %Y, %-I:%M:%S %p %Z}"

        def until(text: str) -> str:
            return at(text) if text[:1].isdecimal() else text

        return (
            templates(_FOLDER)
            .get_template("page.html")
            .render(
                self.document, language=LANGUAGE, at=at, until=until, plain=_plain, details=_details, as_text=_as_text
            )
        )


def _joined(documents: Iterable[Mapping[str, Any]], part: str, key: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the entries of one part of several documents. Entries with the same key become one with all their ids."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for each in (entry for document in documents for entry in document[part]):
        same = found.setdefault(tuple(each[name] for name in key), dict(each))
        for name, value in each.items():
            if isinstance(value, list) and value != same[name]:
                same[name] = [*same[name], *(one for one in value if one not in same[name])]
    return list(found.values())


def _in_order(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: sorted(value) if isinstance(value, list) else value for name, value in item.items()}


def _details(entry: Mapping[str, Any]) -> dict[str, str]:
    """Return the rest of a timeline entry, by plain names."""
    return {name: str(value) for name, value in entry.items() if name not in _NOT_DETAILS}


def _plain(name: str) -> str:
    """Return one of our names as words: "alert_accepted" is "Alert accepted"."""
    words = name.replace("_", " ")
    return f"{words[:1].upper()}{words[1:]}"


def _as_text(value: object) -> str:
    """Return a stored value as text for the table of all stored attributes."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
