"""The receiver of the webhook is bad, or the webhook dies. Alerts go out as usual."""

import time

from tests.deployed import eventually
from tests.drills.drill import Drill
from tests.receiver import Inbox, answers, drips, goes_on_and_on, is_silent, receiver_of, redirects, talks_nonsense

_BAD = {
    "silent": is_silent,
    "a byte at a time": drips,
    "an endless answer": goes_on_and_on,
    "another protocol": talks_nonsense,
    "a redirect": redirects,
    "500": answers(500),
}


def _ids(inbox: Inbox, reference: str) -> list[str]:
    return [each.document["id"] for each in inbox.of(reference)]


def test_the_receiver_of_the_webhook_is_bad_in_every_way(drill: Drill) -> None:
    seconds: dict[str, float] = {}
    with receiver_of(drill.deployed) as inbox:
        for name, manner in _BAD.items():
            inbox.manner = manner
            begun = time.monotonic()
            reference = drill.post(in_crisis=True)  # which is told without waiting for a run
            drill.alerted(reference)
            seconds[name] = time.monotonic() - begun
            assert eventually(lambda: inbox.received, within=20, wanted=bool)
            inbox.manner = answers(200)
            assert drill.deployed.invoke("webhook", {"job": "test"})["taken"]
        assert inbox.elsewhere == []
    drill.saw("alerted after " + ", ".join(f"{each:.1f} s ({name})" for name, each in seconds.items()))


def test_the_webhook_dies_after_the_receiver_took_a_message(drill: Drill) -> None:
    with receiver_of(drill.deployed) as inbox:

        def takes_it_and_kills(there: Inbox, _connection: object) -> None:
            there.manner = answers(200)
            drill.deployed.restart("webhook")

        inbox.manner = takes_it_and_kills
        reference = drill.post(in_crisis=True)
        drill.alerted(reference)
        assert eventually(lambda: _ids(inbox, reference), within=20, wanted=bool)
        key = {"pk": drill.deployed.lead(reference)["pk"], "sk": {"S": "EVENTS#WEBHOOK"}}
        past = {"S": "2020-01-01T00:00:00.000Z"}

        def told_again() -> bool:
            """Let the lease end, and run."""
            drill.deployed.dynamodb.update_item(
                TableName=drill.deployed.stack.table,
                Key=key,
                UpdateExpression="SET leased_until = :past, retry_at = :past, agenda_at = :past",
                ConditionExpression="attribute_exists(pending)",
                ExpressionAttributeValues={":past": past},
            )
            drill.deployed.invoke("webhook", {})
            return len(_ids(inbox, reference)) > 1

        assert eventually(told_again, within=30, wanted=bool)
        ids = _ids(inbox, reference)
        assert len(set(ids)) == 1
    drill.saw(f"the message came {len(ids)} times with one id; {drill.alerted(reference)}")
