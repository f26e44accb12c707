"""A website of one's own whose scripts may read the answers of `make run`: the variable ORIGIN."""

import os
from typing import Final
from urllib.parse import SplitResult, urlsplit

from tools.local.ports import HOST

EXAMPLE: Final = "make run ORIGIN=http://localhost:3000"
_THIS_MACHINE: Final = ("localhost", HOST)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_IN_A_HOST: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-")  # as the parameter AllowedOrigins has it


class OriginError(Exception):
    """ORIGIN is not a list of origins. The text says what to write instead."""


def chosen_origins() -> tuple[str, ...]:
    """Return the origins in the environment variable ORIGIN, as browsers send them. Raises OriginError.

    A page at http://localhost:3000 is also at http://127.0.0.1:3000, which is another origin for a browser. People open
    either, so either one allows both.
    """
    origins: dict[str, None] = {}
    for given in os.environ.get("ORIGIN", "").split(","):
        if text := given.strip():
            scheme, host, port = _parts(text)
            for each in _THIS_MACHINE if host in _THIS_MACHINE else (host,):
                origins[f"{scheme}://{each}{port}"] = None
    return tuple(origins)


def _parts(text: str) -> tuple[str, str, str]:
    """Return the scheme, the host and the port with its colon, if the scheme needs to name one."""
    if text == "*":
        raise OriginError(f"ORIGIN=* would allow every website. Name the one with your page: {EXAMPLE}")
    if text == "null" or text.startswith("file:"):
        raise OriginError(
            f"ORIGIN={text} cannot be allowed: a page that is opened as a file has no origin."
            f" Serve its folder, for example with `python3 -m http.server 3000`, then: {EXAMPLE}"
        )
    if text.isdecimal():
        raise OriginError(f"ORIGIN={text} is only a port. Write: make run ORIGIN=http://localhost:{text}")
    if "://" not in text:
        raise OriginError(f"ORIGIN={text} has no http:// or https://. Write: make run ORIGIN=http://{text}")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise OriginError(f"ORIGIN={text} is not an address: {error}. Example: {EXAMPLE}") from error
    host = parts.hostname or ""
    if parts.scheme not in _DEFAULT_PORTS or not host or not _IN_A_HOST.issuperset(host) or parts.username is not None:
        raise OriginError(f"ORIGIN={text} is not the address of a website. Example: {EXAMPLE}")
    shown = "" if port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{port}"
    _only_an_origin(text, parts, f"{parts.scheme}://{host}{shown}")
    return parts.scheme, host, shown


def _only_an_origin(text: str, parts: SplitResult, origin: str) -> None:
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise OriginError(f"ORIGIN={text} has more than an origin. Leave out the path: make run ORIGIN={origin}")
