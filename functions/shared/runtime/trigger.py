"""What may start a scheduled function."""

from collections.abc import Mapping


def starts_a_run(event: object) -> bool:
    """Return whether an event is the schedule, or a call by hand, which sends {}.

    The schedule in the template has no input of its own, so it sends the scheduler's default event. Anything else, such
    as a test event of the console, must not start a run.
    """
    return isinstance(event, Mapping) and (not event or event.get("detail-type") == "Scheduled Event")
