"""What happens next, in words: when reminders come, and what the others are told."""

from claim.view import View
from claim.words.times import Times
from shared.leads.notice import Notice


def next_steps(view: View, clock: Times) -> str:
    """Return a sentence about the next reminders, or "" if none is planned."""
    if not view.reminders:
        return ""
    first, *later = view.reminders
    when = clock.soon(first.at)
    match first.notice:
        case Notice.OWNER_REMINDER:
            then = f", and then everyone {clock.soon(later[0].at)}" if later else ""
            return f"If you don't say how it went, we remind you {when}{then}."
        case Notice.CALL_AGAIN:
            wished = ", a time they asked for" if clock.is_wished(view.lead, first.at) else ""
            return f"The next reminder comes {when}{wished}."
        case Notice.NOT_REACHED:
            return f"If nobody says how it went, we remind everyone {when}."
        case Notice.REMINDER:
            return f"We ask everyone on the alert list {when} to claim it."
    return f"We ask more people {when} to claim it."


def news(view: View) -> tuple[str, ...]:
    """Return a sentence about the email to the others, if they get one."""
    return ("Your colleagues will get a short email about it.",) if view.tells_others else ()
