"""A browser without a screen: signs in at the desk of a local system, opens its pages and sends its forms.

For `make demo`, and for tests that need no Chromium.
"""

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.cookies import SimpleCookie
from typing import Any, Final, cast

import lxml.html
from lxml.html import FormElement

_FORM: Final = "application/x-www-form-urlencoded"
_MOST_REDIRECTS: Final = 10
_REDIRECTS: Final = {301, 302, 303}
_TIMEOUT_SECONDS: Final = 40


class DeskClientError(Exception):
    """A page lacks the form that was asked for. The text names the page's address."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPage:
    """A page as it arrived, after redirects."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def text(self) -> str:
        """The words of the page, with single spaces."""
        return " ".join(str(self._parsed.xpath("string(//main)")).split())

    @property
    def _parsed(self) -> Any:  # noqa: ANN401 - lxml's types do not know forms
        return lxml.html.document_fromstring(self.body)

    def form(self, action: str) -> FormElement:
        """Return the first form whose address ends with `action`. Raises DeskClientError."""
        for form in self._parsed.forms:
            if urllib.parse.urlsplit(form.action or self.url).path.endswith(action):
                return cast("FormElement", form)
        raise DeskClientError(f"{self.url} has no form for {action}: {self.text[:300]}")


@dataclass
class DeskClient:
    """One browser with its cookies. `desk` is the address of the desk."""

    desk: str
    cookies: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._opener = urllib.request.build_opener(_NoRedirect)

    def sign_in(self, email: str, password: str, page: str = "") -> OpenPage:
        """Open a page of the desk, sign in where that asks for it, and return the page."""
        asked = self.open(self.desk + page)
        return self.send(asked, "/login", username=email, password=password)

    def open(self, url: str) -> OpenPage:
        """Open an address and follow redirects."""
        return self._request("GET", url)

    def send(self, page: OpenPage, action: str, **typed: str) -> OpenPage:
        """Fill in the form of a page whose address ends with `action`, send it and follow redirects."""
        form = page.form(action)
        fields = {**dict(form.form_values()), **typed}
        address = urllib.parse.urljoin(page.url, form.action or page.url)
        return self.post(address, fields, came_from=page.url)

    def post(self, url: str, fields: Mapping[str, str], *, came_from: str, **headers: str) -> OpenPage:
        """Send fields as a browser sends the form of a page at `came_from`, and follow redirects."""
        parts, own = urllib.parse.urlsplit(came_from), urllib.parse.urlsplit(url)
        same = parts[:2] == own[:2]
        sent = {
            "Content-Type": _FORM,
            "Origin": f"{parts.scheme}://{parts.netloc}",
            "Sec-Fetch-Site": "same-origin" if same else "cross-site",
            **headers,
        }
        return self._request("POST", url, urllib.parse.urlencode(fields).encode(), sent)

    def once(
        self, method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> OpenPage:
        """Send one request with the cookies, and do not follow redirects."""
        sent = {"Accept": "text/html", "Cookie": self._cookie, **(headers or {})}
        request = urllib.request.Request(url, data=body, headers=sent, method=method)  # noqa: S310 - our own loopback
        try:
            with self._opener.open(request, timeout=_TIMEOUT_SECONDS) as answer:
                return self._kept(url, answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return self._kept(url, error.code, error.headers, error.read())

    def _request(
        self, method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> OpenPage:
        page = self.once(method, url, body, headers)
        for _ in range(_MOST_REDIRECTS):
            if page.status not in _REDIRECTS:
                return page
            page = self.once("GET", urllib.parse.urljoin(page.url, page.headers["location"]))
        raise DeskClientError(f"{url} redirects in a circle")

    @property
    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _kept(self, url: str, status: int, headers: Message, body: bytes) -> OpenPage:
        for line in headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        lowered = {name.lower(): value for name, value in headers.items()}
        return OpenPage(url=url, status=status, headers=lowered, body=body.decode())
