"""The names of each module of a language, for mypy only. A test compares them with English."""

from collections.abc import Mapping

from shared.text.answer import AnswerWords
from shared.text.words import FieldWords, GroupWords


class Answers:
    """What answers.py has."""

    INVALID: AnswerWords
    MINOR: AnswerWords
    CONFLICT: AnswerWords
    ERASED: AnswerWords
    NOT_STORED: AnswerWords
    MAYBE_STORED: AnswerWords
    STORED_UNSHOWN: AnswerWords
    NOT_SHOWN: AnswerWords
    NOT_FOUND: AnswerWords
    NOT_ALLOWED: AnswerWords
    MISDIRECTED: AnswerWords
    NOT_POSTED: AnswerWords
    UNREADABLE: Mapping[str, AnswerWords]
    GATEWAY_4XX: AnswerWords
    GATEWAY_5XX: AnswerWords
    GATEWAY_TOO_LARGE: AnswerWords
    FIREWALL: AnswerWords


class Confirmation:
    """What confirmation.py has."""

    SUBJECT: str
    NEXT: str
    DO_NOT_WAIT: str
    CHANGE: str
    WITHDRAW: str
    HOW: str
    NOT_YOU: str


class Fields:
    """What fields.py has."""

    FIELDS: Mapping[str, FieldWords]
    GROUPS: Mapping[str, GroupWords]
    YES_OR_NO: Mapping[str, str]
    TIME_ZONES: Mapping[str, str]


class Form:
    """What form.py has."""

    STAR: str
    CHOOSE: str
    OPTIONAL: str
    TRAP: str
    BUTTONS: Mapping[str, str]
    DO_NOT_WAIT: str
    NOT_READ_AT_ONCE: str
    CRISIS: str
    CRISIS_WITHOUT_CONSENT: str


class Help:
    """What help.py has."""

    TITLE: str
    DANGER: str
    CRISIS: str
    CALL: str
    TEXT: str
    CLINIC: str
    IN_CRISIS: str
    PLAIN: str


class Pages:
    """What pages.py has."""

    BACK: str
    AGAIN: str
    KEPT: str
    REST_KEPT: str
    MOST_KEPT: str
    NOT_KEPT: str
    NAMES_ONLY: str
    ALSO: str
    ALSO_HINT: str
    SEND_AGAIN: str
    SEND: str
    THE_FORM: str
    DEVELOPERS: str
    START_TITLE: str
    START_SHORT: str
    START: str


class Problems:
    """What problems.py has."""

    PROBLEMS: Mapping[str, str]


class Script:
    """What script.py has."""

    SCRIPT: Mapping[str, str]


class Thanks:
    """What thanks.py has."""

    SHORT: str
    TITLE: str
    REFERENCE: str
    NEXT: str
    TODAY_STILL: str
    SOON: str
    LATER: str
    CLOSED: str
    NOTHING_ELSE: str
    URGENT_NEXT: str
    URGENT_CLOSED_NEXT: str
    URGENT_BY_EMAIL: str
    FROM: str
    AT: str
    TODAY: str
    TOMORROW: str
    ON_DAY: str
    ON_DATE: str
    WEEKDAYS: tuple[str, ...]
    MONTHS: tuple[str, ...]
    CLOCK: Mapping[int, str]
    CLOCK_HOUR: Mapping[str, str]
    CLOCK_MINUTES: Mapping[str, str]
    HALVES: tuple[str, ...]
    ZONES: Mapping[str, str]
    ZONE: str
    CHECK_EMAIL: str
