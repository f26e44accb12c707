"""The built-in pages: what a browser shows when no page of the clinic's own does. No script, nothing fetched."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from shared.leads.clinic import Clinic, Help
from shared.web.headers import PRIVATE
from shared.web.http import Response
from shared.web.page import page
from submit.form import groups, labels
from submit.outcome import Accepted, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """The pages of one clinic, and the answers for a form that was posted without a script.

    `home` is its site, `thank_you_pages` those of its own that a form may end on.
    """

    clinic: Clinic
    help: Help
    home: str | None
    thank_you_pages: tuple[str, ...]

    def thank_you(self, reference: str | None, *, urgent: bool) -> Response:
        """Say that the request is stored. Whoever is in crisis is shown help first."""
        return self._render("thank_you.html", HTTPStatus.OK, reference=reference, urgent=urgent)

    def accepted(self, accepted: Accepted) -> Response:
        """303 to the clinic's own page, or to ours, so that a reload posts nothing.

        The address of ours is relative, so any stage and domain works.
        """
        ours = f"thank-you?reference={accepted.reference}{'&urgent=yes' if accepted.urgent else ''}"
        return Response(
            status=HTTPStatus.SEE_OTHER.value, headers={**PRIVATE, "Location": accepted.thank_you_page or ours}
        )

    def problem(self, problem: Problem) -> Response:
        """Say what went wrong. Where the form could be read, show it with all that was typed and what has to change."""
        if not (problem.filled.fields or problem.filled.problems):
            return self._render("problem.html", problem.status, problem.headers, problem=problem, urgent=problem.urgent)
        return self._render(
            "again.html",
            problem.status,
            problem.headers,
            problem=problem,
            filled=problem.filled,
            groups=groups(self.clinic),
            labels=labels(),
            urgent=problem.urgent,
        )

    def _render(
        self, template: str, status: HTTPStatus, headers: Mapping[str, str] | None = None, **values: object
    ) -> Response:
        known = {"clinic": self.clinic, "help": self.help, "home": self.home}
        return page("submit/pages", template, status, known | values, form_action=self._form_action, headers=headers)

    @property
    def _form_action(self) -> str:
        # A form's redirect counts as its action, so the clinic's own thank-you pages are listed.
        origins = sorted({"/".join(each.split("/")[:3]) for each in self.thank_you_pages})
        return " ".join(["'self'", *origins])
