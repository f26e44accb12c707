"""A visitor's request arrives in an unusual way and still reaches staff."""

from shared.leads.worklist import Worklist
from tests.deployed import eventually, plain_form, submission
from tests.drills.drill import Drill

ELSEWHERE = "https://not-listed.example"


def test_the_page_is_not_in_allowed_origins(drill: Drill) -> None:
    asked = {
        "Origin": ELSEWHERE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    preflight = drill.deployed.request("OPTIONS", "/consultations", headers=asked)
    assert "access-control-allow-origin" not in preflight.headers, "browsers must block scripts after this response"

    sent = plain_form(submission_id=str(submission()["submission_id"]))
    answers = [drill.deployed.post_form(sent, Origin=ELSEWHERE) for _ in range(2)]
    assert [answer.status for answer in answers] == [303, 303]
    references = {answer.headers["location"].partition("reference=")[2] for answer in answers}
    (reference,) = references
    drill.saw(f"no script may read it; the plain form, twice: 1 lead, {drill.alerted(reference)}")


def test_a_request_looks_like_spam(drill: Drill) -> None:
    reference = drill.post(homepage="https://spam.example.net")
    eventually(
        lambda: drill.deployed.lead(reference),
        within=20,
        wanted=lambda lead: lead["alert_state"] == {"S": "quarantined"},
    )
    drill.deployed.sweep()
    assert drill.deployed.emails(reference) == []
    drill.is_listed(Worklist.QUARANTINED, reference)
    drill.emitted("RequestsQuarantined", "notify")

    command = {"job": "release", "reference": reference}  # make release
    assert drill.deployed.invoke("follow-up", command) == {"rearmed": 1}
    drill.deployed.sweep()
    drill.saw(f"on the list of quarantined leads, make release: {drill.alerted(reference)}")
