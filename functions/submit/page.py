"""The built-in pages, for forms without a script. They run no script and fetch nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus

from shared.leads.clinic import Clinic, Help
from shared.runtime.files import data_uri
from shared.text import Text
from shared.web.headers import PRIVATE
from shared.web.http import Response
from shared.web.page import page
from submit.form import groups, labels
from submit.leftovers import leftovers
from submit.outcome import Accepted, Problem
from submit.reading import as_read


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Answers of one clinic for forms without a script.

    `home` is the clinic's site. `thank_you_pages` are the pages there that a form may redirect to.
    """

    clinic: Clinic
    help: Help
    text: Text
    home: str | None
    thank_you_pages: tuple[str, ...]

    def start(self) -> Response:
        """Return the page at the API's own address, which says what this is."""
        return self._render("start.html", HTTPStatus.OK, urgent=False)

    def thank_you(self, reference: str | None, next_steps: str, *, urgent: bool, check_email: bool) -> Response:
        """Return the thank-you page. For a visitor in crisis, the numbers to call come first."""
        return self._render(
            "thank_you.html",
            HTTPStatus.OK,
            reference=reference,
            next_steps=next_steps,
            urgent=urgent,
            check_email=check_email,
        )

    def accepted(self, accepted: Accepted) -> Response:
        """Redirect (303) to the clinic's page or to ours, so a reload does not send the form again.

        Our own address is relative, so it works on any stage and domain. It never has what the visitor typed.
        """
        said = {"urgent": accepted.urgent, "check_email": accepted.check_email}
        ours = f"{accepted.base}thank-you?reference={accepted.reference}" + "".join(
            f"&{each}=yes" for each in said if said[each]
        )
        if len(self.clinic.languages) > 1:  # otherwise the browser would choose the language of the next page
            ours += f"&lang={self.text.code}"
        return Response(
            status=HTTPStatus.SEE_OTHER.value, headers={**PRIVATE, "Location": accepted.thank_you_page or ours}
        )

    def problem(self, problem: Problem) -> Response:
        """Say what went wrong. If we could read the form, show it again with everything the visitor typed."""
        if not (problem.filled.fields or problem.filled.problems):
            return self._render("problem.html", problem.status, problem.headers, problem=problem, urgent=problem.urgent)
        # "I agree" checks its box. Otherwise the page would send both that and what the visitor changes.
        filled = replace(problem.filled, fields=as_read(problem.filled.fields, self.clinic))
        asked = groups(self.clinic, filled.value("form"), "", self.text)
        also = leftovers(filled, [control for group in asked for control in group.controls])
        pages = self.text.pages
        whole = pages.REST_KEPT if also.withheld else pages.KEPT
        return self._render(
            "again.html",
            problem.status,
            problem.headers,
            problem=problem,
            filled=filled,
            groups=asked,
            labels=labels(self.clinic, self.text),
            also=also,
            kept=problem.kept or (whole if also.complete else pages.MOST_KEPT),
            urgent=problem.urgent,
        )

    def _render(
        self, template: str, status: HTTPStatus, headers: Mapping[str, str] | None = None, **values: object
    ) -> Response:
        known = {"clinic": self.clinic, "help": self.help, "home": self.home, "text": self.text, "logo": self._logo}
        return page(
            "submit/pages",
            template,
            status,
            {**known, "problem": None, **values},
            form_action=self._form_action,
            framed=True,
            language=self.text.code,
            headers={"Content-Language": self.text.code, **(headers or {})},
        )

    @property
    def _logo(self) -> str | None:
        """The clinic's logo as an address that is the picture, so that a page fetches nothing."""
        logo = self.clinic.look.logo
        return logo and data_uri(logo.file, logo.media_type)

    @property
    def _form_action(self) -> str:
        # The policy also applies to the redirect after a form, so list the sites of the thank-you pages.
        origins = sorted({"/".join(each.split("/")[:3]) for each in self.thank_you_pages})
        return " ".join(["'self'", *origins])
