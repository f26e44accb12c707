"""The scenes with staff for the screenshots: made-up people wait, are called, and are reached or not."""

from datetime import timedelta
from typing import TYPE_CHECKING

from tools.local.camera import PHONE, Camera, open_page
from tools.local.parameters import FALLBACK, RECIPIENTS
from tools.local.rehearsal import Rehearsal

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Several people read the first mailbox, so its owner has no name. The second one is a person.
_DESK, _NURSE = RECIPIENTS


def emails_about_unclaimed(camera: Camera, desk: Rehearsal) -> None:
    """Take screenshots of the emails about requests that nobody has claimed, except the first alert."""
    urgent = desk.write(
        name="Jordan Example", phone="(303) 555-0171", asking_for="self", in_crisis="yes", voicemail_ok="yes"
    )
    camera.email("alert-urgent", desk.mail(urgent, "New")["BodyHtml"])
    desk.let_pass(urgent, timedelta(minutes=3))

    # A person writes again, three days later.
    person = {"name": "Taylor Example", "phone": "(312) 555-0172", "email": "taylor@example.com"}
    wish = {"preferred_contact": "email", "best_time": "morning", "interest": "ptsd"}
    first = desk.write(**person, **wish, message="Do you see people on Saturdays?")
    desk.let_pass(first, timedelta(minutes=12))
    desk.answer(desk.mail(first, "New"), "Reached")
    desk.let_pass(first, timedelta(days=3))
    second = desk.write(**person, **wish, message="I called you last week and have one more question.")
    camera.email("alert-repeat", desk.mail(second, "New")["BodyHtml"])
    desk.answer(desk.mail(second, "New"), "Reached")

    # A request that nobody claims.
    unclaimed = desk.write(
        name="Casey Example", phone="(404) 555-0173", voicemail_ok="no", discreet="yes", best_time="afternoon"
    )
    desk.let_pass(unclaimed, timedelta(minutes=16), due=True)
    desk.sweep()
    camera.email("reminder", desk.mail(unclaimed, "Reminder")["BodyHtml"])
    desk.let_pass(unclaimed, timedelta(minutes=46), due=True)
    desk.sweep()
    camera.email("escalation", desk.mail(unclaimed, "Unclaimed", to=FALLBACK[0])["BodyHtml"])


def claim_and_reach(camera: Camera, desk: Rehearsal) -> None:
    """Claim a request, get no answer, then reach the person. Take screenshots of the pages and emails on the way."""
    person = {"name": "Morgan Example", "phone": "(415) 555-0175", "email": "morgan@example.com"}
    reference = desk.write(**person, voicemail_ok="yes", interest="anxiety")
    desk.let_pass(reference, timedelta(minutes=9))
    page, slower = camera.page(PHONE), camera.page(PHONE)
    page.goto(desk.link(desk.mail(reference, "New", to=_NURSE), "Claim this request"))
    open_page(page, "claim-question")
    # A colleague opens the page too, and presses the button too late.
    slower.goto(desk.link(desk.mail(reference, "New", to=_DESK), "Claim this request"))
    _press(page, "Claim this request")
    open_page(page, "claim-claimed")
    _press(slower, "Claim this request")
    open_page(slower, "claim-refused")
    slower.close()
    desk.sweep()
    camera.email("claimed", desk.mail(reference, "Claimed", to=_DESK)["BodyHtml"])

    desk.let_pass(reference, timedelta(minutes=4))
    _press(page, "No answer")
    open_page(page, "claim-no-answer")
    desk.sweep()
    camera.email("no-answer", desk.mail(reference, "No answer", to=_DESK)["BodyHtml"])
    desk.let_pass(reference, timedelta(hours=2), due=True)
    desk.sweep()
    again = desk.mail(reference, "Time to try again", to=_NURSE)
    camera.email("call-again", again["BodyHtml"])

    # The person writes again before anyone reaches them.
    desk.write(**person, message="Is there parking?")
    page.goto(desk.link(again, "More choices"))
    page.locator("summary").click()
    open_page(page, "claim-not-a-request")
    _press(page, "Reached")
    open_page(page, "claim-reached")
    _press(page, "Reached for these too")
    page.close()


def a_colleague_helps(camera: Camera, desk: Rehearsal) -> None:
    """Let the owner of a request forget it. Take screenshots of the emails, and of the page when a colleague calls."""
    reference = desk.write(name="Riley Example", phone="(206) 555-0176", best_time="afternoon", voicemail_ok="no")
    desk.let_pass(reference, timedelta(minutes=7))
    desk.answer(desk.mail(reference, "New", to=_NURSE), "Claim this request")
    desk.sweep()
    desk.mail(reference, "Claimed", to=_DESK)
    desk.let_pass(reference, timedelta(hours=4), due=True)
    desk.sweep()
    camera.email("owner-reminder", desk.mail(reference, "Please say how it went", to=_NURSE)["BodyHtml"])
    desk.let_pass(reference, timedelta(hours=4), due=True)
    desk.sweep()
    everyone = desk.mail(reference, "Claimed, but not reached yet", to=_DESK)
    camera.email("not-reached", everyone["BodyHtml"])
    page = camera.page(PHONE)
    page.goto(desk.link(everyone, "Reached"))
    _press(page, "Reached")
    open_page(page, "claim-closed")
    page.close()
    desk.sweep()
    camera.email("closed", desk.mail(reference, "Closed", to=_NURSE)["BodyHtml"])


def others_in_the_digest(desk: Rehearsal) -> None:
    """Send the requests that only the digest shows."""
    tried = desk.write(name="Jamie Example", phone="(617) 555-0177", best_time="morning")
    desk.let_pass(tried, timedelta(minutes=14))
    desk.answer(desk.mail(tried, "New", to=_NURSE), "No answer")
    # Spam. People do not see the field "leave_empty".
    desk.write(name="Drew Example", phone="(512) 555-0174", leave_empty="x", message="https://spam.example.com/")


def many_at_once(camera: Camera, desk: Rehearsal) -> None:
    """Let somebody in crisis write three times within a minute. Take screenshots of the summary about the last two."""
    person = {"name": "Quinn Example", "phone": "(303) 555-0178", "in_crisis": "yes", "voicemail_ok": "no"}
    desk.mail(desk.write(**person), "New")
    for message in ("Please call me.", "Is anybody there?"):
        desk.write(**person, message=message)
    camera.email("summary-urgent", desk.summary()["BodyHtml"])


def _press(page: "Page", label: str) -> None:
    page.get_by_role("button", name=label, exact=True).click()
