"""What happens next, in words: when reminders come, and what the others are told."""

from claim.view import View
from shared.leads.notice import Notice
from shared.web.times import Times


def next_steps(view: View, clock: Times) -> str:
    """Return a sentence about the next reminders, or "" if none is planned."""
    if not view.reminders:
        return ""
    first, *later = view.reminders
    when = clock.soon(first.at)
    match first.notice:
        case Notice.OWNER_REMINDER:
            then = f", and then everyone {clock.soon(later[0].at)}" if later else ""
            return f"If you don't say how it went, we'll remind you {when}{then}."
        case Notice.CALL_AGAIN:
            wished = ", at the time of day they asked for" if clock.is_wished(view.lead, first.at) else ""
            return f"We'll ask everyone on the alert list to try again {when}{wished}."
        case Notice.NOT_REACHED:
            return f"If nobody says how it went, we'll remind everyone {when}."
        case Notice.REMINDER:
            return f"We'll email everyone on the alert list {when} and ask them to claim it."
    return f"We'll ask again {when}."


def news(view: View) -> tuple[str, ...]:
    """Return a sentence about the email to the others, if they get one."""
    return ("Your colleagues will get a short email about it.",) if view.tells_others else ()
