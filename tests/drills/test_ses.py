"""SES fails in every way it can. The lead stays visible, and staff get the alert once SES recovers."""

from datetime import timedelta

from shared.leads.confirmation import FEWEST_BOUNCES
from shared.leads.worklist import Worklist
from tests.deployed import eventually
from tests.drills.drill import Drill, all_of, bounced_confirmation, confirming, forget_confirmations
from tests.faults import CALL_LOST, Fault, delay, refuse
from tools.local.parameters import FALLBACK, SENDER
from tools.local.parameters import RECIPIENTS as STAFF


def sends_nothing_for_a_while(drill: Drill, fault: Fault) -> str:
    """Apply `fault` to every email of two attempts, then remove it. Return the reference of the waiting lead."""
    drill.proxy.on("sesv2", "SendEmail", fault)
    reference = drill.post()
    drill.tried(reference, 1)
    drill.later(reference)
    drill.tried(reference, 2)
    assert drill.deployed.emails(reference) == []
    asked = [call for call in drill.proxy.calls("sesv2", "SendEmail") if reference in str(call.document)]
    assert len(asked) == 2, "a sender that SES refuses must not retry at once"

    drill.proxy.clear()
    drill.later(reference)
    return reference


def test_ses_throttles(drill: Drill) -> None:
    reference = sends_nothing_for_a_while(drill, refuse(429, "TooManyRequestsException"))
    drill.saw(f"2 tries throttled, then {drill.alerted(reference)}")


def test_the_daily_quota_is_used_up(drill: Drill) -> None:
    drill.proxy.on("sesv2", "SendEmail", refuse(400, "ThrottlingException"))
    reference = drill.post()
    drill.tried(reference, 1)
    drill.age(reference, timedelta(hours=10))
    drill.deployed.sweep()
    drill.tried(reference, 2)
    waited = drill.emitted("OldestOverdue", at_least=timedelta(hours=9).total_seconds())

    drill.proxy.clear()
    drill.later(reference)
    drill.saw(f"OldestOverdue at {waited / 3600:.0f} hours, then {drill.alerted(reference)}")


def test_the_account_is_in_the_sandbox(drill: Drill) -> None:
    drill.deployed.set_sandbox(on=True)
    reference = drill.post()
    lead = drill.tried(reference, 1)
    assert lead["alert_refusals"] == {"N": "3"}, "both members of staff and the fallback"
    drill.emitted("AlertsRefused", "notify")
    assert drill.deployed.emails(reference) == []

    drill.deployed.set_sandbox(on=False)
    drill.later(reference)
    drill.saw(f"3 recipients refused, AlertsRefused counted, then {drill.alerted(reference)}")


def test_the_account_is_paused(drill: Drill) -> None:
    reference = sends_nothing_for_a_while(drill, refuse(400, "SendingPausedException"))
    drill.emitted("AlertsBlocked", "notify")
    drill.saw(f"2 tries refused, AlertsBlocked counted, then {drill.alerted(reference)}")


def test_the_account_is_suspended(drill: Drill) -> None:
    reference = sends_nothing_for_a_while(drill, refuse(400, "AccountSuspendedException"))
    drill.emitted("AlertsBlocked", "notify")
    drill.saw(f"2 tries refused, AlertsBlocked counted, then {drill.alerted(reference)}")


def test_the_sender_is_not_verified(drill: Drill) -> None:
    text = "Email address is not verified. The following identities failed the check in region US-EAST-1: "
    reference = sends_nothing_for_a_while(drill, refuse(400, "MessageRejected", text + SENDER))
    drill.emitted("AlertsBlocked", "notify")
    assert drill.deployed.lead(reference).get("alert_refusals", {"N": "0"}) == {"N": "0"}, "no recipient was refused"
    drill.saw(f"2 tries refused, AlertsBlocked counted, then {drill.alerted(reference)}")


def test_ses_is_out_of_reach(drill: Drill) -> None:
    reference = sends_nothing_for_a_while(drill, CALL_LOST)
    drill.saw(f"2 connections broken, then {drill.alerted(reference)}")


def test_ses_answers_too_late(drill: Drill) -> None:
    drill.proxy.on("sesv2", "SendEmail", delay(8.5), times=1)  # a function waits 8 seconds
    reference = drill.post()
    drill.tried(reference, 1)
    assert eventually(lambda: drill.deployed.emails(reference), within=10), "SES must have accepted it anyway"

    drill.later(reference)
    drill.saw(f"no response in 8 seconds, then {drill.alerted_with(reference, {STAFF[0]: 2, STAFF[1]: 1})}")


def killed_after_the_first_mail(drill: Drill) -> str:
    drill.proxy.kill_after("notify", "sesv2", "SendEmail")
    reference = drill.post()
    assert eventually(lambda: drill.proxy.killed, within=20)
    drill.tried(reference, 1, state="sending")  # no other sender touches it until the lease ends
    drill.deployed.sweep()
    assert len(drill.deployed.emails(reference)) == 1
    return reference


def test_ses_accepts_and_the_process_is_killed(drill: Drill) -> None:
    reference = killed_after_the_first_mail(drill)
    drill.later(reference)
    drill.saw(f"killed after 1 email, lease over: {drill.alerted_with(reference, {STAFF[0]: 2, STAFF[1]: 1})}")


def test_the_process_is_killed_and_ses_reports_the_delivery(drill: Drill) -> None:
    reference = killed_after_the_first_mail(drill)
    drill.report("delivered", reference, STAFF[0])
    drill.later(reference)
    drill.saw(f"killed after 1 email, delivery reported, lease over: {drill.alerted(reference)}")


def test_a_mailbox_of_staff_bounces(drill: Drill) -> None:
    reference = drill.post()
    drill.alerted(reference)
    drill.report("bounced", reference, STAFF[1])
    drill.tried(reference, 1, state="bounced")
    drill.deployed.sweep()
    ended = drill.alerted_with(reference, all_of(1) | dict.fromkeys(FALLBACK, 1))
    drill.emitted("RecipientBounces", "delivery")
    drill.saw(f"RecipientBounces counted: {ended}")


def test_an_email_bounces_and_only_its_status_says_so(drill: Drill) -> None:
    reference = drill.post()
    drill.alerted(reference)
    drill.report("bounced_without_action", reference, STAFF[1])
    drill.tried(reference, 1, state="bounced")
    drill.deployed.sweep()
    drill.saw(drill.alerted_with(reference, all_of(1) | dict.fromkeys(FALLBACK, 1)))


def test_ses_does_not_know_whether_an_email_arrived(drill: Drill) -> None:
    reference = drill.post()
    drill.alerted(reference)
    reminder_at = drill.deployed.lead(reference)["agenda_at"]["S"]
    drill.report("bounced_unclear", reference, STAFF[1])
    assert drill.deployed.lead(reference)["agenda_at"]["S"] < reminder_at
    drill.deployed.sweep()
    lead = drill.deployed.lead(reference)
    assert lead["alert_notice"] == {"S": "escalation"}
    drill.saw(drill.alerted_with(reference, all_of(2)))


def test_ses_does_not_send_because_of_an_earlier_complaint(drill: Drill) -> None:
    reference = drill.post()
    drill.alerted(reference)
    drill.report("complained_earlier", reference, STAFF[1])
    drill.tried(reference, 1, state="complained")
    drill.deployed.sweep()
    drill.saw(drill.alerted_with(reference, all_of(1) | dict.fromkeys(FALLBACK, 1)))


def test_a_server_does_not_take_the_content(drill: Drill) -> None:
    reference = drill.post()
    drill.alerted(reference)
    drill.report("bounced_content", reference, STAFF[1])
    drill.tried(reference, 1, state="rejected")
    drill.deployed.sweep()
    again = [mail for mail in drill.deployed.emails(reference) if mail["To"] == [STAFF[1]]][-1]
    assert drill.deployed.lead(reference)["name"]["S"] not in again["BodyText"]
    drill.saw(f"{drill.alerted_with(reference, {STAFF[0]: 1, STAFF[1]: 2})}; the second shows only the reference")


def test_every_mailbox_bounces(drill: Drill) -> None:
    reference = drill.post()
    drill.alerted(reference)
    drill.report("bounced", reference, STAFF[0])
    drill.report("bounced", reference, STAFF[1])
    drill.deployed.sweep()
    drill.report("bounced", reference, FALLBACK[0], attempt=2)
    assert drill.deployed.lead(reference)["alert_state"] == {"S": "undeliverable"}
    drill.is_listed(Worklist.UNDELIVERABLE, reference)
    drill.emitted("AlertsUndeliverable", "delivery")

    rearmed = drill.deployed.invoke("follow-up", {"job": "redrive"})["rearmed"]  # make redrive
    assert rearmed >= 1
    drill.deployed.sweep()
    ended = drill.alerted_with(reference, all_of(2) | dict.fromkeys(FALLBACK, 1))
    drill.saw(f"on the list of undeliverable leads, make redrive: {ended}")


def test_confirmations_bounce(drill: Drill) -> None:
    with confirming(drill.deployed):
        for _ in range(FEWEST_BOUNCES):
            reference = drill.post(preferred_contact="email")
            drill.alerted(reference)
            drill.noted(reference, "confirmation_sent")
            drill.deployed.invoke("delivery", bounced_confirmation(drill.deployed, reference))
            drill.noted(reference, "confirmation_bounced")

        reference = drill.post(preferred_contact="email")
        ended = drill.alerted(reference)
        assert drill.noted(reference, "confirmation_failed")["reason"] == {"S": "paused"}
        drill.emitted("ConfirmationsPaused", "notify")

        forget_confirmations(drill.deployed)  # as two days later
        later = drill.post(preferred_contact="email")
        drill.alerted(later)
        drill.noted(later, "confirmation_sent")
    drill.saw(f"{FEWEST_BOUNCES} bounced, ConfirmationsPaused counted, none to the next visitor, whose {ended}")
