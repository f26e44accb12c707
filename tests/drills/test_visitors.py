"""A visitor's request arrives in an unusual way and still reaches staff."""

import time
import uuid

from shared.leads.spam import REPEATED_OFTEN
from shared.leads.worklist import Worklist
from tests.deployed import plain_form, reference_in, submission
from tests.drills.drill import Drill

ELSEWHERE = "https://not-listed.example"
COPIES = REPEATED_OFTEN + 1
BOT = {"leave_empty": "x", "message": "https://spam.example.net"}


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
    references = {reference_in(answer) for answer in answers}
    (reference,) = references
    drill.saw(f"no script may read it; the plain form, twice: 1 lead, {drill.alerted(reference)}")


def test_a_request_looks_like_spam(drill: Drill) -> None:
    reference = drill.post(**BOT)
    drill.is_in_state(reference, "quarantined")
    drill.deployed.sweep()
    assert drill.deployed.emails(reference) == []
    drill.is_listed(Worklist.QUARANTINED, reference)
    drill.emitted("RequestsQuarantined", "notify")

    command = {"job": "release", "reference": reference}  # make release
    assert drill.deployed.invoke("follow-up", command) == {"rearmed": 1}
    drill.deployed.sweep()
    drill.saw(f"on the list of quarantined leads, make release: {drill.alerted(reference)}")


def test_somebody_posts_a_persons_answers_first(drill: Drill) -> None:
    # Words of crisis: the requests after the first do not wait for ten minutes, and share a summary.
    own = plain_form(message="Sometimes I want to die. Please call me.")
    in_quarantine, with_the_trap = (
        [drill.post_form(own | {"submission_id": str(uuid.uuid4())} | signs) for _ in range(COPIES)]
        for signs in ({"leave_empty": "x", "rendered_at": str(int(time.time() * 1000))}, {"leave_empty": "x"})
    )
    # The same without a submission id, as the person's own browser sends it.
    in_quarantine.append(drill.post_form(own | {"leave_empty": "x", "rendered_at": str(int(time.time() * 1000))}))
    for reference in in_quarantine:
        drill.is_in_state(reference, "quarantined")

    mine = drill.post_form(own)
    again = drill.post_form(own)

    assert mine == again
    assert mine not in {*in_quarantine, *with_the_trap}
    drill.tried(mine)  # the first of the copies alerts at once, and the others share a summary with it
    drill.summary_is_due()
    drill.deployed.sweep()
    assert drill.told({mine, *with_the_trap}) == {mine, *with_the_trap}
    assert drill.told(set(in_quarantine)) == set()
    drill.saw(
        f"copies in quarantine: {len(in_quarantine)}; with the trap alone, told: {len(with_the_trap)}; the person's "
        f"own, posted twice: 1 lead, in {'an alert' if drill.deployed.emails(mine) else 'a summary'}"
    )
