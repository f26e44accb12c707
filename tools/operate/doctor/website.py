"""The clinic's website: whether it opens, and whether its form posts to this API."""

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlsplit

from tools.operate.doctor.check import Check
from tools.operate.doctor.clients import Clients
from tools.operate.doctor.fetch import FetchError, Page
from tools.operate.doctor.finding import Finding, green, red, unknown, yellow
from tools.operate.doctor.forms import Form, forms_in, same
from tools.operate.doctor.known import Known

_LOOPBACK: Final = {"localhost", "127.0.0.1"}
_NAME_IT: Final = "If the form is on another page, name that page:"
_EXAMPLE: Final = "make doctor PAGE=https://www.example.com/consultation"
_PLACEHOLDER: Final = "your-api-url"


def website(ask: Clients, stack: Known) -> Iterator[Finding]:
    """Read the page that has the form, or the home page of each allowed site, and look at its form."""
    urls = [stack.page] if stack.page else [f"{each.rstrip('/')}/" for each in stack.listed("AllowedOrigins")]
    for url in urls:
        if stack.endpoint and urlsplit(url).hostname not in _LOOPBACK:
            yield unknown(f"{url} was not read: with the local AWS, the doctor reads only websites of this machine.")
        elif not stack.endpoint and not url.startswith("https://"):
            yield yellow(
                f"{url} was not read, because it does not begin with https://. Others on the way can read and change"
                " such a page, and where its form posts to.",
                "Let your website use https://, put that address into AllowedOrigins, and deploy:",
                stack.make("deploy"),
            )
        else:
            yield from _read(ask, stack, url)


def _read(ask: Clients, stack: Known, url: str) -> Iterator[Finding]:
    try:
        page = ask.fetch(url, "GET", {"Accept": "text/html"})
    except FetchError as error:
        yield red(
            f"Your website does not open at {url}: {error}.",
            "Open this address in a browser. If it does not open there either, your website is down. If its address has"
            " changed, put the new one into AllowedOrigins, and deploy.",
        )
        return
    if not page.is_fine:
        yield unknown(
            f"{url} answers with the status {page.status}. Some websites refuse programs, so this may be fine.",
            "Open the page in a browser, and send a request with its form.",
        )
        return
    yield _origin(page, url, stack)
    yield from _forms(page, stack)


def _origin(page: Page, url: str, stack: Known) -> Finding:
    parts = urlsplit(page.url)
    origin = f"{parts.scheme}://{parts.netloc}"
    if origin in {each.rstrip("/") for each in stack.listed("AllowedOrigins")}:
        return green(f"{page.url} opens.")
    moved = f"{url} leads to {page.url}. " if page.url != url else ""
    return red(
        f"{moved}AllowedOrigins lacks {origin}, so the form there cannot show visitors what the API answers.",
        f"Add {origin} to AllowedOrigins, with a comma, and deploy:",
        stack.make("deploy"),
    )


def _forms(page: Page, stack: Known) -> Iterator[Finding]:
    found = forms_in(page.text, page.url)
    apis = stack.own_urls
    if found.forms:
        yield from dict.fromkeys(_form(form, page, apis) for form in found.forms)
        return
    if any(same(script, f"{api}/form.js") for script in found.scripts for api in apis):
        yield unknown(
            f"{page.url} loads the script of this API, but a script adds its form, which the doctor cannot see.",
            "Open the page in a browser, and send a request with its form.",
        )
    elif found.scripts:
        yield red(
            f"{page.url} loads the script of another API: {', '.join(found.scripts)}.",
            f"Paste the form again: run make docs, replace https://YOUR-API-URL in docs/form.html with"
            f" {stack.public_url}, and paste it into the page.",
            "make docs",
        )
    else:
        frames = " It has frames, and the form may be in one of them." if found.frames else ""
        yield unknown(f"The doctor sees no form of this system at {page.url}.{frames}", _NAME_IT, _EXAMPLE)


def _form(form: Form, page: Page, apis: Sequence[str]) -> Finding:
    wanted = f"{apis[0]}/consultations"
    again = "Edit the page where the form was pasted: in the line that begins with <form, "
    if _PLACEHOLDER in form.action.lower():
        return red(
            f"The form at {page.url} still has the placeholder YOUR-API-URL, so it sends requests nowhere.",
            f'{again}write action="{wanted}". The line with form.js above it has the placeholder too.',
        )
    if not any(same(form.action, f"{api}/consultations") for api in apis):
        return red(
            f"The form at {page.url} posts to {form.action}, which is not this API: nobody here sees those requests.",
            f'{again}write action="{wanted}". If your form belongs to another stack, examine that one with STACK=...',
        )
    if form.method != "post":
        return red(
            f"The form at {page.url} has the method {form.method}, so answers end up in addresses and logs.",
            f'{again}write method="post".',
        )
    return green(f"The form at {page.url} posts to this API.")


CHECKS: Final = (Check("Website", website),)
