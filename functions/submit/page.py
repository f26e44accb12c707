"""The built-in pages, for forms without a script. They run no script and fetch nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from shared.leads.clinic import Clinic, Help
from shared.text.en import pages, thanks
from shared.web.headers import PRIVATE
from shared.web.http import Response
from shared.web.page import page
from submit.form import TEXT, groups, labels
from submit.outcome import Accepted, Problem

_TEXT: Final = {**TEXT, "pages": pages, "thanks": thanks}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Answers of one clinic for forms without a script.

    `home` is the clinic's site. `thank_you_pages` are the pages there that a form may redirect to.
    """

    clinic: Clinic
    help: Help
    home: str | None
    thank_you_pages: tuple[str, ...]

    def thank_you(self, reference: str | None, *, urgent: bool) -> Response:
        """Return the thank-you page. For a visitor in crisis, the numbers to call come first."""
        return self._render("thank_you.html", HTTPStatus.OK, reference=reference, urgent=urgent)

    def accepted(self, accepted: Accepted) -> Response:
        """Redirect (303) to the clinic's page or to ours, so a reload does not send the form again.

        Our own address is relative, so it works on any stage and domain.
        """
        ours = f"thank-you?reference={accepted.reference}{'&urgent=yes' if accepted.urgent else ''}"
        return Response(
            status=HTTPStatus.SEE_OTHER.value, headers={**PRIVATE, "Location": accepted.thank_you_page or ours}
        )

    def problem(self, problem: Problem) -> Response:
        """Say what went wrong. If we could read the form, show it again with everything the visitor typed."""
        if not (problem.filled.fields or problem.filled.problems):
            return self._render("problem.html", problem.status, problem.headers, problem=problem, urgent=problem.urgent)
        return self._render(
            "again.html",
            problem.status,
            problem.headers,
            problem=problem,
            filled=problem.filled,
            groups=groups(self.clinic),
            labels=labels(self.clinic),
            urgent=problem.urgent,
        )

    def _render(
        self, template: str, status: HTTPStatus, headers: Mapping[str, str] | None = None, **values: object
    ) -> Response:
        known = {"clinic": self.clinic, "help": self.help, "home": self.home, "text": _TEXT}
        return page("submit/pages", template, status, known | values, form_action=self._form_action, headers=headers)

    @property
    def _form_action(self) -> str:
        # The policy also applies to the redirect after a form, so list the sites of the thank-you pages.
        origins = sorted({"/".join(each.split("/")[:3]) for each in self.thank_you_pages})
        return " ".join(["'self'", *origins])
