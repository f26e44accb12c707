"""The form's fields. Each is declared once, for everything from the API to the emails.

The request model, the form page, the API description, the stored item, the emails and docs/fields.md are generated from
this table. The words that visitors read are in shared/text/en/fields.py, under the field's name. To add a field, see
"Add a question to the form" in CONTRIBUTING.md. If a step is missing, tests/unit/test_fields.py names the file to edit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, Literal, NamedTuple

from shared.leads.contact import MAX_EMAIL_LENGTH, MAX_PHONE_LENGTH

MAX_NAME_LENGTH: Final = 100
MAX_MESSAGE_LENGTH: Final = 5_000
MAX_CAMPAIGN_LENGTH: Final = 100  # of each utm_ value; longer ones are cut, because visitors cannot change them
MAX_TOKEN_LENGTH: Final = 2_048  # Cloudflare's limit for a Turnstile token


class Kind(Enum):
    """The kind of value that a field accepts. submit/reading.py reads each kind, and submit/request.py has its type."""

    TEXT = auto()  # one line
    LONG_TEXT = auto()  # several lines
    YES_NO = auto()  # a required one must be answered with yes or no
    CHOICE = auto()
    SEVERAL = auto()  # any number of the choices
    EMAIL = auto()
    PHONE = auto()
    PLACE = auto()  # one of the clinic's locations
    TIME_ZONE = auto()
    CONSENT = auto()  # consent to a text in clinic.toml; a required one must be yes
    FORM = auto()  # which of the clinic's forms it is
    # Context. Never causes an error, because the visitor did not type it.
    ADDRESS = auto()
    CAMPAIGN = auto()
    LANGUAGE = auto()  # of the visitor
    # Technical fields of the form.
    SUBMISSION_ID = auto()
    LINE = auto()
    TRAP = auto()
    CLOCK = auto()
    TOKEN = auto()


_CONTEXT_KINDS: Final = (Kind.ADDRESS, Kind.CAMPAIGN, Kind.LANGUAGE)
_MACHINERY_KINDS: Final = (Kind.SUBMISSION_ID, Kind.LINE, Kind.TRAP, Kind.CLOCK, Kind.TOKEN)

type Control = Literal[
    "text",
    "email",
    "tel",
    "textarea",
    "select",
    "radio",
    "checkbox",
    "checkboxes",
    "carried",  # no control; a page that asks for corrections passes it on unchanged
    "trap",  # hidden from people; drawn by the form's template
    "none",
]


class Stored(Enum):
    """How a field is stored in the lead's item."""

    ANSWER = auto()  # its own attribute, under the field's name
    CONSENT = auto()  # a record in `consents`


class Section(Enum):
    """A section of the emails to staff, from the top. Each comment names the code that renders it."""

    DO_FIRST = auto()  # "CALL NOW": wording.do_first
    MIND = auto()  # "Before you reach out": reaching.points_to_mind
    WHO = auto()  # one line each: sections.who
    WAYS = auto()  # how to reach them, shown with WHO: reaching.ways
    NEEDS = auto()  # one line each, only if the email may show everything: sections.needs
    MESSAGE = auto()  # long texts as typed, only if the email may show everything: sections.messages
    TALKING_POINTS = auto()  # for the call, only if the email may show everything: sections.talking_points
    AGREED = auto()  # consents, at the end: request.html and request.txt
    CAME_FROM = auto()  # the last line, only if the email may show everything: sections.came_from


class Shown(NamedTuple):
    """Where emails to staff show a field, and the words they use."""

    section: Section
    label: str = ""  # not needed if the section's code has its own words
    words: Mapping[str, str] | None = None  # for each choice; if None, the words that visitors read


class Nowhere(NamedTuple):
    """The reason why a field is not stored or not shown."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of the form."""

    name: str
    kind: Kind
    control: Control
    stored: Stored | Nowhere
    shown: Shown | Nowhere
    required: bool = False  # submit/request.py says when it is not
    max_length: int | None = None  # characters
    choices: tuple[str, ...] = ()  # as sent and stored, in display order
    alone: str | None = None  # the choice that is dropped if another one is selected
    autocomplete: str | None = None  # https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#autofill
    sent_as: str | None = None  # if the name in the form is not a valid Python name

    @property
    def wire_name(self) -> str:
        """The name of the field in the form."""
        return self.sent_as or self.name


_SPAM_SCREEN: Final = Nowhere("Staff see the result of the spam screen instead: shared/leads/spam.py.")

# Grouped by the headings of docs/fields.md, in the order of the API description.
PARTS: Final[dict[str, tuple[Field, ...]]] = {
    "Who": (
        Field(
            name="form",
            kind=Kind.FORM,
            choices=("consultation", "reply", "callback"),
            control="carried",
            stored=Stored.ANSWER,
            shown=Shown(Section.MIND, "Form"),
        ),
        Field(
            name="name",
            kind=Kind.TEXT,
            required=True,
            max_length=MAX_NAME_LENGTH,
            control="text",
            autocomplete="name",
            stored=Stored.ANSWER,
            shown=Shown(Section.WHO, "Name"),
        ),
        Field(
            name="asking_for",
            kind=Kind.CHOICE,
            choices=("self", "family_or_friend", "patient"),
            control="radio",
            stored=Stored.ANSWER,
            shown=Shown(
                Section.WHO,
                "Asking for",
                {
                    "self": "Themselves",
                    "family_or_friend": "A family member or friend",
                    "patient": "A patient (they are a clinician)",
                },
            ),
        ),
        Field(
            name="patient_is_adult",
            kind=Kind.YES_NO,
            required=True,
            control="radio",
            stored=Nowhere("It is yes, or unknown, which the lead stores: age_unknown. We store nothing about minors."),
            shown=Nowhere("Staff read only that they have to ask, if it is unknown."),
        ),
    ),
    "How to reach them": (
        Field(
            name="email",
            kind=Kind.EMAIL,
            max_length=MAX_EMAIL_LENGTH,
            control="email",
            autocomplete="email",
            stored=Stored.ANSWER,
            shown=Shown(Section.WAYS),
        ),
        Field(
            name="phone",
            kind=Kind.PHONE,
            max_length=MAX_PHONE_LENGTH,
            control="tel",
            autocomplete="tel",
            stored=Stored.ANSWER,
            shown=Shown(Section.WAYS),
        ),
        Field(
            name="preferred_contact",
            kind=Kind.CHOICE,
            choices=("phone", "text", "email"),
            control="radio",
            stored=Stored.ANSWER,
            shown=Shown(Section.WAYS),
        ),
        Field(
            name="best_time",
            kind=Kind.CHOICE,
            choices=("any", "morning", "afternoon", "evening"),
            control="select",
            stored=Stored.ANSWER,
            shown=Shown(Section.MIND, "Best time"),
        ),
        Field(
            name="time_zone",
            kind=Kind.TIME_ZONE,
            control="select",
            stored=Stored.ANSWER,
            shown=Shown(Section.MIND, "Time zone"),
        ),
        Field(
            name="voicemail_ok",
            kind=Kind.YES_NO,
            control="radio",
            stored=Stored.ANSWER,
            shown=Shown(Section.MIND),
        ),
        Field(
            name="discreet",
            kind=Kind.YES_NO,
            control="checkbox",
            stored=Stored.ANSWER,
            shown=Shown(Section.MIND),
        ),
        Field(
            name="call_me",
            kind=Kind.TEXT,
            max_length=MAX_NAME_LENGTH,
            control="text",
            autocomplete="nickname",
            stored=Stored.ANSWER,
            shown=Shown(Section.MIND, "Ask for"),
        ),
    ),
    "What they need": (
        Field(
            name="location",
            kind=Kind.PLACE,
            control="select",
            stored=Stored.ANSWER,
            shown=Shown(Section.WHO, "Would like to come to"),
        ),
        Field(
            name="interest",
            kind=Kind.CHOICE,
            choices=("depression", "anxiety", "ptsd", "chronic_pain", "other"),
            control="select",
            stored=Stored.ANSWER,
            shown=Shown(Section.NEEDS, "Would like help with"),
        ),
        Field(
            name="symptoms",
            kind=Kind.SEVERAL,
            choices=(  # the nine symptoms in the clinic's article
                "low_mood",
                "loss_of_interest",
                "weight_change",
                "poor_appetite",
                "oversleeping",
                "insomnia",
                "trouble_concentrating",
                "fatigue",
                "anger_or_mood_swings",
            ),
            control="checkboxes",
            stored=Stored.ANSWER,
            shown=Shown(Section.NEEDS, "Living with"),
        ),
        Field(
            name="message",
            kind=Kind.LONG_TEXT,
            max_length=MAX_MESSAGE_LENGTH,
            control="textarea",
            stored=Stored.ANSWER,
            shown=Shown(Section.MESSAGE, "Message"),
        ),
    ),
    # Staff discuss these in neutral words. The answers do not decide whether a person can be treated. A clinician
    # decides that after talking to the person.
    "Preparing for the call": (
        Field(
            name="treatments_tried",
            kind=Kind.CHOICE,
            choices=("none", "one", "two_or_more"),
            control="radio",
            stored=Stored.ANSWER,
            shown=Shown(
                Section.TALKING_POINTS,
                "Treatments tried",
                {
                    "none": "Has not tried a treatment yet.",
                    "one": "Has tried one treatment.",
                    "two_or_more": "Has tried two or more treatments.",
                },
            ),
        ),
        Field(
            name="health_notes",
            kind=Kind.SEVERAL,
            choices=(
                "psychosis_history",
                "uncontrolled_blood_pressure",
                "pregnant_or_nursing",
                "substance_use",
                "none",
                "discuss_on_call",
            ),
            # If "None of these" is selected with another choice, it is a mistake, and the other choice counts.
            alone="none",
            control="checkboxes",
            stored=Stored.ANSWER,
            shown=Shown(
                Section.TALKING_POINTS,
                "Health",
                {
                    "psychosis_history": "Ask about psychosis, now or in the past.",
                    "uncontrolled_blood_pressure": "Ask about high blood pressure that is not under control.",
                    "pregnant_or_nursing": "Ask about pregnancy or nursing.",
                    "substance_use": "Ask about substance use.",
                    "none": "Says that none of the health conditions on the form apply.",
                    "discuss_on_call": "Prefers to discuss health history on the call.",
                },
            ),
        ),
    ),
    "Safety": (
        Field(
            name="in_crisis",
            kind=Kind.YES_NO,
            control="checkbox",
            stored=Stored.ANSWER,
            shown=Shown(Section.DO_FIRST),
        ),
    ),
    "Consent": (
        Field(
            name="consent_contact",
            kind=Kind.CONSENT,
            required=True,
            control="checkbox",
            stored=Stored.CONSENT,
            shown=Shown(Section.AGREED),
        ),
        Field(
            name="consent_texts",
            kind=Kind.CONSENT,
            control="checkbox",
            stored=Stored.CONSENT,
            shown=Shown(Section.MIND),
        ),
        Field(
            name="consent_email_news",
            kind=Kind.CONSENT,
            control="checkbox",
            stored=Stored.CONSENT,
            shown=Shown(Section.AGREED),
        ),
    ),
    "Context: never causes an error, because visitors do not type it": (
        Field(
            name="locale",
            kind=Kind.LANGUAGE,
            sent_as="lang",
            control="carried",
            stored=Stored.ANSWER,
            shown=Shown(Section.MIND),
        ),
        *(
            Field(
                name=name,
                kind=kind,
                max_length=max_length,
                control="carried",
                stored=Stored.ANSWER,
                shown=Shown(Section.CAME_FROM, label),
            )
            for name, kind, max_length, label in (
                ("page", Kind.ADDRESS, None, "form on"),
                ("referrer", Kind.ADDRESS, None, "came from"),
                ("utm_source", Kind.CAMPAIGN, MAX_CAMPAIGN_LENGTH, "campaign source"),
                ("utm_medium", Kind.CAMPAIGN, MAX_CAMPAIGN_LENGTH, "medium"),
                ("utm_campaign", Kind.CAMPAIGN, MAX_CAMPAIGN_LENGTH, "campaign"),
                ("utm_term", Kind.CAMPAIGN, MAX_CAMPAIGN_LENGTH, "term"),
                ("utm_content", Kind.CAMPAIGN, MAX_CAMPAIGN_LENGTH, "content"),
            )
        ),
    ),
    "Technical fields: never cause an error": (
        Field(
            name="submission_id",
            kind=Kind.SUBMISSION_ID,
            control="carried",
            stored=Nowhere("It determines the lead's id: submit/new_lead.py."),
            shown=Nowhere("Staff use the reference, which is made from the lead's id."),
        ),
        Field(
            name="thank_you_page",
            kind=Kind.LINE,
            control="carried",
            stored=Nowhere("It is only needed to redirect the visitor."),
            shown=Nowhere("It says nothing about the person."),
        ),
        Field(
            name="email_as_typed",
            kind=Kind.LINE,
            control="none",  # the page that asks about a mistyped address adds it
            stored=Nowhere("It only says that the visitor insists on an address that looks mistyped."),
            shown=Nowhere("It is the same as the email address."),
        ),
        Field(
            name="leave_empty",
            kind=Kind.TRAP,
            control="trap",
            stored=Nowhere("The lead stores only whether it was filled in: trap_filled."),
            shown=_SPAM_SCREEN,
        ),
        Field(
            name="rendered_at",
            kind=Kind.CLOCK,
            control="carried",
            stored=Nowhere("The lead stores only the time it took: seconds_to_fill."),
            shown=_SPAM_SCREEN,
        ),
        Field(
            name="turnstile_token",
            kind=Kind.TOKEN,
            sent_as="cf-turnstile-response",
            max_length=MAX_TOKEN_LENGTH,
            control="none",  # a token is good for one request only
            stored=Stored.ANSWER,
            shown=_SPAM_SCREEN,
        ),
    ),
}

FIELDS: Final[dict[str, Field]] = {field.name: field for part in PARTS.values() for field in part}
# The names of fields by the name that a form sends. Forms that were pasted earlier send the old name of the trap.
NAMES: Final[dict[str, str]] = {field.wire_name: name for name, field in FIELDS.items()} | {"homepage": "leave_empty"}
# The forms that leave the question about age to the call.
SHORT_FORMS: Final = FIELDS["form"].choices[1:]

CONTEXT: Final = frozenset(name for name, field in FIELDS.items() if field.kind in _CONTEXT_KINDS)
MACHINERY: Final = frozenset(name for name, field in FIELDS.items() if field.kind in _MACHINERY_KINDS)
SAID: Final = frozenset(FIELDS) - CONTEXT - MACHINERY
# Fields that may occur more than once in a form, or as a list in JSON.
SEVERAL: Final = frozenset(name for name, field in FIELDS.items() if field.kind is Kind.SEVERAL)
ANSWERS: Final = tuple(field for field in FIELDS.values() if field.stored is Stored.ANSWER)
CONSENTS: Final = tuple(field for field in FIELDS.values() if field.stored is Stored.CONSENT)


class Group(NamedTuple):
    """Fields that belong together on the page. A group that is not needed for a callback starts folded."""

    name: str  # the key of its words in shared/text/en/fields.py
    fields: tuple[str, ...]
    folded: bool = False
    help: bool = False  # whether it shows where to get help now
    needed: tuple[str, ...] = ()  # fields marked as needed here, besides those that every request needs


# The consultation form, from the top. Each field with a control is in exactly one group.
GROUPS: Final = (
    Group("now", ("in_crisis",), help=True),
    Group("who", ("asking_for", "patient_is_adult")),
    Group("reach", ("name", "phone", "email", "preferred_contact", "consent_texts", "best_time", "time_zone")),
    Group("safely", ("voicemail_ok", "discreet", "call_me"), folded=True),
    Group("about", ("interest", "location", "message")),
    Group("prepare", ("symptoms", "treatments_tried", "health_notes"), folded=True),
    Group("consent", ("consent_contact", "consent_email_news")),
)
# Each form, by the value of the field `form` that it sends. The short forms have one group each, and leave the question
# about age to the call.
FORMS: Final[dict[str, tuple[Group, ...]]] = {
    "consultation": GROUPS,
    "reply": (Group("reply", ("name", "email", "phone", "message", "consent_contact"), help=True),),
    "callback": (Group("callback", ("name", "phone", "best_time", "consent_contact"), help=True, needed=("phone",)),),
}


def shown_in(*sections: Section) -> tuple[tuple[Field, Shown], ...]:
    """Return the fields that any of `sections` shows, with their `Shown`, in table order."""
    return tuple(
        (field, field.shown)
        for field in FIELDS.values()
        if isinstance(field.shown, Shown) and field.shown.section in sections
    )
