"""A browser at the deployed desk. It signs in on Cognito's own page, as the local AWS shows it."""

import html
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy

from tests.deployed import FORM, Answer
from tools.local.parameters import Account

# The cookies are for https only. Browsers make an exception for this machine.
_POLICY = DefaultCookiePolicy(secure_protocols=("http", "https"))
_HIDDEN = re.compile(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"')


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        return None


class DeskBrowser:
    """One browser with its cookies, for the desk at `url`. It follows redirects only while somebody signs in."""

    def __init__(self, url: str) -> None:
        self._url = url
        cookies = urllib.request.HTTPCookieProcessor(CookieJar(_POLICY))
        self._opener = urllib.request.build_opener(_NoRedirect, cookies)

    def get(self, path: str = "") -> Answer:
        """Open a page below the desk."""
        return self.open(f"{self._url}{path}")

    def sign_in(self, account: Account, path: str = "") -> Answer:
        """Sign in, on the way to a page. Return that page."""
        callback = self.open(*self.form(account, path)).headers["location"]
        return self.open(self.open(callback).headers["location"])

    def form(self, account: Account, path: str = "") -> tuple[str, Mapping[str, str]]:
        """Go to Cognito's page. Return where its form goes, and what it sends once somebody has filled it in."""
        page = self.get(path).headers["location"]
        text = self.open(page).body
        action = re.search(r'<form[^>]*action="([^"]*)"', text)
        assert action, text
        fields = {name: html.unescape(value) for name, value in _HIDDEN.findall(text)}
        filled = fields | {"username": account.email, "password": account.password}
        return urllib.parse.urljoin(page, html.unescape(action[1])), filled

    def come_back_with_a_made_up_code(self) -> Answer:
        """Begin to sign in, and come back with a code that Cognito did not issue."""
        asked = urllib.parse.parse_qs(urllib.parse.urlsplit(self.get().headers["location"]).query)
        query = urllib.parse.urlencode({"code": "made-up", "state": asked["state"][0]})
        return self.get(f"/signed-in?{query}")

    def open(self, url: str, form: Mapping[str, str] | None = None) -> Answer:
        """Open an address, or send a form there."""
        body = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(url, data=body, headers={"Content-Type": FORM} if form else {})  # noqa: S310
        try:
            answer = self._opener.open(request, timeout=40)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read().decode())
