"""The table and the stack's secret fail: no visitor wrongly reads "stored", and no alert waits for its links."""

import re
from typing import Any

from shared.leads.spam import Reason, words
from shared.messages.emails import NO_LINKS
from tests.deployed import eventually, submission
from tests.drills.drill import Drill, all_of
from tests.faults import ANSWER_LOST, refuse

THROTTLED = refuse(400, "ProvisionedThroughputExceededException")
TRIES = 3  # tries of the SDK within one call


def state_in(request: Any) -> object:  # noqa: ANN401 - JSON
    return request.get("ExpressionAttributeValues", {}).get(":alert_state")


def leases(request: Any) -> bool:  # noqa: ANN401 - JSON
    return state_in(request) == {"S": "sending"}


def finishes(request: Any) -> bool:  # noqa: ANN401 - JSON
    return state_in(request) not in (None, {"S": "sending"})


def counts_repeats(request: Any) -> bool:  # noqa: ANN401 - JSON
    return str(request["Key"]["pk"]["S"]).startswith("REPEATS#")


def test_the_table_throttles_a_request(drill: Drill) -> None:
    sent, before = submission(), len(drill.deployed.leads())
    drill.proxy.on("dynamodb", "PutItem", THROTTLED, times=TRIES)
    refused = drill.deployed.post_json(sent)
    assert refused.status == 503
    assert "Nothing was stored" in refused.document["detail"]
    assert refused.document["help"]["crisis_line"] == "988"
    assert len(drill.deployed.leads()) == before

    answers = [drill.deployed.post_json(sent) for _ in range(2)]
    assert [answer.status for answer in answers] == [201, 201]
    assert len(drill.deployed.leads()) == before + 1
    ended = drill.alerted(answers[0].document["reference"])
    drill.saw(f"503, Retry-After {refused.headers['retry-after']}, nothing stored; sent again twice: 1 lead, {ended}")


def test_the_table_stores_a_request_and_its_answer_is_lost(drill: Drill) -> None:
    before = len(drill.deployed.leads())
    drill.proxy.on("dynamodb", "PutItem", ANSWER_LOST, times=1)
    reference = drill.post()
    assert len(drill.deployed.leads()) == before + 1
    drill.saw(f"201, 1 lead, {drill.alerted(reference)}")


def gave_up(drill: Drill) -> None:
    """Wait until a sender used up its tries and Lambda knows that it failed."""
    assert eventually(
        lambda: [call.fault for call in drill.proxy.calls("dynamodb", "UpdateItem") if call.fault],
        within=20,
        wanted=lambda faults: len(faults) == TRIES,
    )
    drill.emitted("StreamRecordsFailed", "notify")


def test_the_table_throttles_before_the_mail(drill: Drill) -> None:
    drill.proxy.on("dynamodb", "UpdateItem", THROTTLED, times=TRIES, when=leases)
    reference = drill.post()
    gave_up(drill)
    drill.tried(reference, 0)
    assert drill.deployed.mails(reference) == []
    drill.later(reference)
    drill.saw(f"StreamRecordsFailed counted, nothing sent, then {drill.alerted(reference)}")


def test_the_table_throttles_after_the_mail(drill: Drill) -> None:
    drill.proxy.on("dynamodb", "UpdateItem", THROTTLED, times=TRIES, when=finishes)
    reference = drill.post()
    gave_up(drill)
    drill.tried(reference, 1, state="sending")
    drill.later(reference)
    drill.saw(f"sent but not recorded, lease over: {drill.alerted_with(reference, all_of(2))}")


def test_the_secret_cannot_be_read(drill: Drill) -> None:
    earlier = drill.post()
    link = link_in(drill.deployed.the_alert(earlier))
    drill.alerted(earlier)
    with drill.deployed.denied("secretsmanager:GetSecretValue", "notify", "claim"):
        page = drill.deployed.request("GET", link)
        assert page.status == 503
        assert "do not wait for this page" in page.body
        reference = drill.post()
        ended = drill.alerted(reference)
        alert = drill.deployed.the_alert(reference)
        assert "/claim/" not in alert["BodyText"]
        assert " ".join(NO_LINKS.split()) in " ".join(alert["BodyText"].split())
    assert drill.deployed.request("GET", link).status == 200
    drill.later(reference)  # the request is unclaimed, so the reminder is due
    (reminder, _) = drill.deployed.mails(reference)[2:]
    assert drill.deployed.request("GET", link_in(reminder)).status == 200
    drill.saw(f"{ended}, without links, which it says; an old link: 503, later 200; the reminder has links")


def link_in(mail: dict[str, Any]) -> str:
    """Return the path of the first link in an email."""
    found = re.search(r"/claim/\S+", mail["BodyText"])
    assert found
    return found[0]


def test_the_spam_screen_fails(drill: Drill) -> None:
    drill.proxy.on("dynamodb", "UpdateItem", THROTTLED, when=counts_repeats)
    reference = drill.post()
    ended = drill.alerted(reference)
    (warning,) = words((Reason.NOT_SCREENED,))
    assert warning in drill.deployed.the_alert(reference)["BodyText"]
    drill.saw(f"{ended}, with a line that says so")
