"""What SpamAssassin's own rules, without its network tests, think of each email.

A spam filter judges every word. The first email shows a visitor's words only with `AlertDetail=full`, and later emails
never do. So whatever a visitor writes, a reminder looks the same to a filter.
"""

import mailbox
import re
import shutil
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from shared.leads.fields import MAX_NAME_LENGTH
from shared.leads.notice import Notice
from shared.messages.settings import AlertDetail
from shared.services.mailer import Message
from tests.unit.emails import bare, render_email
from tests.unit.every_email import as_mime, every_email
from tests.unit.people import a_full_lead

pytestmark = pytest.mark.skipif(
    shutil.which("spamassassin") is None, reason="needs SpamAssassin: apt-get install spamassassin"
)
LIMIT: Final = 2.0  # a filter usually marks an email as spam from 5 on
SPAM: Final = (
    "I take Ambien, Xanax, Valium, Phentermine, Vicodin, Tramadol and Soma for sleep and pain. Nothing helps.",
    "Viagra Cialis Levitra Xanax Valium: cheap online pharmacy, no prescription needed! Buy now $$$",
    "You have won $1,000,000.00 USD!!! Claim it from a bank in Nigeria by wire transfer, dear beneficiary.",
    "Click here http://evil.example/cheap-meds www.evil.example FREE MONEY GUARANTEED casino bitcoin investment",
    "Weight loss miracle, work from home, earn $5000 per week, no obligation, risk free, ACT NOW, limited time!!!",
    "Dear friend, I am a widow with 15.5 million dollars. Kindly send your bank account and confirm urgently.",
)


def scores(messages: dict[str, Message], folder: Path) -> dict[str, float]:
    """Return SpamAssassin's score of each email. One process reads all of them, in any order."""
    path = folder / "given"
    names = list(messages)
    with closing(mailbox.mbox(path)) as given:
        for position, name in enumerate(names):
            given.add(as_mime(messages[name]).replace(b"made-up-000000", f"made-up-{position:06}".encode()))
    command = ["spamassassin", "--local", "--nocreate-prefs", "--cf=use_bayes 0", "--mbox"]
    home = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, input=path.read_bytes(), capture_output=True, check=True, env=home)
    judged = folder / "judged"
    judged.write_bytes(done.stdout)
    found = {}
    with closing(mailbox.mbox(judged)) as read:
        for message in read:
            score = re.search(r"score=(-?[\d.]+)", str(message["X-Spam-Status"]))
            number = re.search(r"made-up-(\d{6})", str(message["Message-ID"]))
            assert score
            assert number
            found[names[int(number[1])]] = float(score[1])
    assert set(found) == set(messages)
    return found


def with_spam(notice: Notice, detail: AlertDetail, typed: str) -> Message:
    every = "\n".join((typed, *SPAM))
    lead = a_full_lead(
        name=typed[:MAX_NAME_LENGTH],
        call_me=typed[-MAX_NAME_LENGTH:],
        message=every,
        symptoms=(typed,),
        health_notes=(typed,),
        utm_source=typed,
        referrer=typed,
    )
    return render_email(notice, lead, detail, claimed_by="staff-2")


def test_whatever_a_visitor_writes_no_later_email_looks_like_spam(tmp_path: Path) -> None:
    later = [notice for notice in Notice if notice is not Notice.ALERT]
    sent = {f"{notice}: {typed}": with_spam(notice, "full", typed) for notice in later for typed in SPAM}
    found = scores(sent, tmp_path)
    assert max(found.values()) < LIMIT, found


def test_no_email_looks_like_spam_because_of_our_own_words(tmp_path: Path) -> None:
    found = scores(every_email() | {"bare": render_email(Notice.ALERT, bare())}, tmp_path)
    assert max(found.values()) < LIMIT, found


def test_the_rules_notice_words_that_spam_has(tmp_path: Path) -> None:
    found = scores({typed: with_spam(Notice.ALERT, "full", typed) for typed in SPAM}, tmp_path)
    assert min(found.values()) > LIMIT, found
