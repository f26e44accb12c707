"""The forms in a page, and which API each of them posts to. Pure."""

from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin, urlsplit

_PATH: Final = "/consultations"
_SCRIPT: Final = "/form.js"


@dataclass(frozen=True, slots=True)
class Form:
    """A form that posts to an API like ours."""

    action: str
    method: str


@dataclass(frozen=True, slots=True)
class Forms:
    """Our forms in a page, and signs that one is there which a look at the page cannot see."""

    forms: tuple[Form, ...]
    scripts: tuple[str, ...]  # addresses of form.js
    frames: int


def forms_in(text: str, url: str) -> Forms:
    """Return our forms in a page at an address. Never raises, whatever the page is."""
    reader = _Reader(url)
    reader.feed(text)
    reader.close()
    return Forms(tuple(reader.forms), tuple(reader.scripts), reader.frames)


def same(one: str, other: str) -> bool:
    """Whether two addresses are the same to a browser."""
    try:
        return _parts(one) == _parts(other)
    except ValueError:
        return False


def _parts(url: str) -> tuple[str, str | None, int | None, str]:
    parts = urlsplit(url.strip())
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, parts.hostname, port, parts.path.rstrip("/")


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self._url = url
        self.forms: list[Form] = []
        self.scripts: list[str] = []
        self.frames = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        match tag:
            case "base" if "href" in given:
                self._url = self._joined(given["href"])
            case "form":
                action = self._joined(given.get("action", ""))
                if "data-consultation-form" in given or action.partition("?")[0].endswith(_PATH):
                    self.forms.append(Form(action, given.get("method", "get").strip().lower()))
            case "script" if given.get("src", "").partition("?")[0].endswith(_SCRIPT):
                self.scripts.append(self._joined(given["src"]))
            case "iframe":
                self.frames += 1

    def _joined(self, address: str) -> str:
        try:
            return urljoin(self._url, address.strip())
        except ValueError:  # such as "https://[": a browser sends nothing there
            return address
