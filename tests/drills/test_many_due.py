"""Many requests are due at once, as after an outage of SES."""

from collections import Counter
from itertools import product

from shared.runtime.together import AT_ONCE
from tests.deployed import about
from tests.drills.drill import PAST, Drill
from tests.faults import refuse
from tools.local.parameters import RECIPIENTS as STAFF

ORDINARY, URGENT = 290, 10
MOST_SWEEPS = 8  # more than a slow machine needs


def test_many_requests_are_due_after_an_outage(drill: Drill) -> None:
    with drill.stream_off():
        ordinary = [drill.post() for _ in range(ORDINARY)]
        urgent = [drill.post(in_crisis=True) for _ in range(URGENT)]
        references = ordinary + urgent
        make_due(drill, references)

        drill.proxy.on("sesv2", "SendEmail", refuse(429, "TooManyRequestsException"))
        drill.deployed.sweep()
        leads = drill.leads()
        tried = {each for each in references if "alert_attempts" in leads[each]}
        assert set(urgent) <= tried, "urgent requests are tried although SES throttles"
        assert len(tried) <= URGENT + AT_ONCE + 1, "an ordinary one waits until SES takes emails again"

        drill.proxy.clear()
        make_due(drill, references)
        sweeps = 0
        while waiting(drill, references) and sweeps < MOST_SWEEPS:
            drill.summary_is_due()
            drill.deployed.sweep()
            sweeps += 1
        handled = drill.emitted("LeadsHandled", at_least=URGENT)
        # The first get emails of their own, the others are in a summary.
        mails = drill.deployed.all_mails()[drill.mails_before :]
        counts = Counter((each, mail["To"][0]) for mail in mails for each in about(mail) & set(references))
        assert counts == dict.fromkeys(product(references, STAFF), 1)
        first = set().union(*(about(mail) for mail in mails[: URGENT * len(STAFF)]))
        assert first == set(urgent), "urgent requests come first"
    drill.saw(
        f"while SES throttled, {len(tried)} of {len(references)} tried, the {URGENT} urgent ones among them; then"
        f" {sweeps} sweeps, up to {handled:.0f} requests each: urgent ones first, each request once to each"
    )


def waiting(drill: Drill, references: list[str]) -> list[str]:
    """Return the requests whose alert SES has not accepted."""
    leads = drill.leads()
    return [each for each in references if leads[each]["alert_state"]["S"] in {"pending", "sending"}]


def make_due(drill: Drill, references: list[str]) -> None:
    """Let the agenda times of these leads pass."""
    leads = drill.leads()
    for each in references:
        drill.set(leads[each], agenda_at=PAST)
