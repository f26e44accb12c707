"""What a visitor reads once we have the request: on the page, from form.js and in the confirmation email."""

from typing import Final

SHORT: Final = "Thank you"
TITLE: Final = "Thank you. We\u00a0have your request."  # no line break after "We"
REFERENCE: Final = "Your reference is {reference}. You don't need it, but it helps when you call."

# What happens next. If the opening hours say when, the first sentence is one of the next four.
NEXT: Final = "Someone from the clinic will contact you. You don't need to do anything else."
TODAY_STILL: Final = "We are open now. Someone will contact you today."
SOON: Final = "We are open now. Someone will contact you soon."  # open around the clock
LATER: Final = "Someone will contact you {when}."  # open, but not for long enough
CLOSED: Final = "We are closed now. Someone will contact you {when}."
NOTHING_ELSE: Final = "You don't need to do anything else."

# The same for a visitor in crisis, who sees the numbers to call above it.
URGENT_NEXT: Final = (
    "We asked our staff to look at your request first. Until you hear from them, please use the numbers above."
)
URGENT_CLOSED_NEXT: Final = (
    "We asked our staff to look at your request first. But we are closed now, so you may not hear from them before we "
    "open {when}. Until then, please use the numbers above."
)

# By email, where the numbers are below.
URGENT_BY_EMAIL: Final = (
    "We asked our staff to look at your request first. If you need help before then, please use the numbers below."
)

# When: a day and a time, in the clinic's time zone.
FROM: Final = "{day} from {time}"
AT: Final = "{day} at {time}"
TODAY: Final = "today"
TOMORROW: Final = "tomorrow, {weekday},"
ON_DAY: Final = "on {weekday}"
ON_DATE: Final = "on {weekday}, {month} {day},"
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
CLOCK: Final = {0: "midnight", 12: "noon"}
CLOCK_HOUR: Final = {"one": "{hour} {half}", "other": "{hour} {half}"}  # "one" is for one o'clock
CLOCK_MINUTES: Final = {"one": "{hour}:{minute} {half}", "other": "{hour}:{minute} {half}"}
HALVES: Final = ("AM", "PM")  # of the day
# US time zones within a sentence. Others are named by their abbreviation.
ZONES: Final = {
    "America/New_York": "Eastern time",
    "America/Chicago": "Central time",
    "America/Denver": "Mountain time",
    "America/Phoenix": "Arizona time",
    "America/Los_Angeles": "Pacific time",
    "America/Anchorage": "Alaska time",
    "Pacific/Honolulu": "Hawaii time",
}
ZONE: Final = "{zone}"  # after a time

# A visitor in crisis is not asked to correct their address first.
CHECK_EMAIL: Final = (
    "Please check your email address. It may have a typing mistake. If it does, please call us so we can reach you."
)
