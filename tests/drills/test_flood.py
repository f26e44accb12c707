"""Strangers post more requests than staff can read: the urgent ones still reach staff in time, and nothing is lost."""

import os
import re
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from shared.leads.budget import MOST_IN_A_SUMMARY
from shared.leads.clinic import EmailLimits
from shared.runtime.files import clinic
from tests.deployed import eventually, submission
from tests.drills.drill import Drill
from tests.faults import answered
from tools.local.parameters import RECIPIENTS as STAFF

# `make flood` sends 3,000.
REQUESTS = int(os.environ.get("FLOOD", "300"))
_AT_ONCE = 8
_PATIENCE = 30  # seconds until an urgent request is alerted
_LIMITS: EmailLimits = clinic().email


def summaries(drill: Drill, *, urgent: bool = False) -> list[str]:
    """Return the texts of the summaries that the first member of staff got since the drill began."""
    return [mail["BodyText"] for mail in mails(drill, ("URGENT: " if urgent else "") + r"\d+ .*in one email.*")]


def mails(drill: Drill, subject: str) -> list[dict[str, str]]:
    return [
        mail
        for mail in drill.deployed.all_mails()[drill.mails_before :]
        if mail["To"] == [STAFF[0]] and re.fullmatch(subject, mail["Subject"])
    ]


def flood(drill: Drill, requests: Iterable[dict[str, object]]) -> list[str]:
    """Post requests as fast as the API takes them, and return their references."""

    def post(fields: dict[str, object]) -> str:
        answer = drill.deployed.post_json(fields)
        assert answer.status in {200, 201}, answer.body
        return str(answer.document["reference"])

    with ThreadPoolExecutor(_AT_ONCE) as strangers:
        return list(strangers.map(post, requests))


def all_told(drill: Drill, references: set[str]) -> int:
    """Let time pass until staff know of all `references`, and return how many sweeps that took."""
    for number in range(1, 3 + 3 * len(references) // MOST_IN_A_SUMMARY):
        drill.summary_is_due()
        drill.everything_is_due()
        drill.deployed.sweep()
        if drill.told(references) == references:
            return number
    raise AssertionError(f"nobody was told about {sorted(references - drill.told(references))[:5]}")


def test_a_flood_of_ordinary_requests(drill: Drill) -> None:
    began = time.monotonic()
    strangers = flood(drill, (submission() for _ in range(REQUESTS)))
    took = time.monotonic() - began
    urgent = drill.post(in_crisis="yes")
    posted = time.monotonic()
    drill.deployed.the_alert(urgent, within=_PATIENCE)
    heard = time.monotonic() - posted
    assert set(strangers) <= drill.leads().keys()

    sweeps = all_told(drill, set(strangers))
    alone = mails(drill, r"KC-\w{4}-\w{4} .*")
    assert len(alone) <= _LIMITS.max_alerts_per_hour + 1
    assert max(text.count("Received ") for text in summaries(drill)) <= MOST_IN_A_SUMMARY
    drill.saw(
        f"{REQUESTS} requests in {took:.0f} s, all stored; the urgent one after them alerted in {heard:.0f} s; "
        f"{len(alone)} alerts and {len(summaries(drill))} summaries to each, after {sweeps} sweeps all are told"
    )


def test_a_flood_of_urgent_requests(drill: Drill) -> None:
    same = submission(in_crisis="yes")
    copies = flood(drill, (same | {"submission_id": submission()["submission_id"]} for _ in range(10)))
    assert len(set(copies)) == 10
    eventually(partial(_waiting, drill), within=30, wanted=lambda waiting: waiting == 9)
    (first,) = {mail["Subject"].split()[0] for mail in mails(drill, r"KC-.* URGENT: .*")}
    drill.summary_is_due()
    drill.deployed.sweep()
    (summary,) = summaries(drill, urgent=True)
    links = re.findall(r"/claim/(\w{26})\.\S+\.open\.\S+", summary)
    assert len(set(links)) == 9
    assert {f"KC-{link[:4]}-{link[4:8]}" for link in links} == set(copies) - {first}

    (path,) = re.findall(rf"/claim/{links[0]}\S+", summary)
    assert drill.deployed.request("POST", path, b"action=claim&seen=0").status in {200, 303}
    states = [lead["response"]["S"] for reference, lead in drill.leads().items() if reference in copies]
    assert sorted(states) == ["claimed", *["open"] * 9]

    drill.deployed.new_hour()
    people = flood(drill, (submission(in_crisis="yes") for _ in range(_LIMITS.max_urgent_alerts_per_hour + 5)))
    eventually(partial(_waiting, drill), within=60, wanted=lambda waiting: waiting == 5)
    drill.emitted("UrgentEmailsOverBudget", "notify")
    drill.summary_is_due()
    drill.deployed.sweep()
    assert drill.told(set(people)) == set(people)
    drill.saw(
        f"10 copies: 1 alert at once, 9 in one summary, each with its link; claiming one closes no other; of "
        f"{len(people)} from different people, {_LIMITS.max_urgent_alerts_per_hour} at once and 5 in a summary"
    )


def test_the_emails_of_the_day_are_nearly_used_up(drill: Drill) -> None:
    quota = {"SendQuota": {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": 49_000.0}}
    drill.proxy.on("sesv2", "GetAccount", answered(quota))
    drill.deployed.sweep()
    drill.deployed.restart("notify")  # a process remembers for a minute how much is used up
    ordinary, urgent = drill.post(), drill.post(in_crisis="yes")
    drill.deployed.the_alert(urgent, within=_PATIENCE)
    eventually(partial(_waiting, drill), within=20, wanted=lambda waiting: waiting == 1)
    drill.deployed.sweep()
    assert drill.told({ordinary}) == set()
    drill.emitted("DayEmailsUsed", at_least=98)

    drill.proxy.clear()
    drill.deployed.sweep()
    drill.deployed.restart("notify")
    sweeps = all_told(drill, {ordinary})
    drill.saw(f"98% used up: the urgent request is alerted, the other waits; a day later told after {sweeps} sweep")


def _waiting(drill: Drill) -> int:
    """Return how many leads wait for a summary."""
    return sum("in_summary" in lead for lead in drill.deployed.leads())
