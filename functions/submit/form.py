"""The form as a page shows it: groups of controls in the order people meet them.

Names, labels, hints, limits and choices are the wire model's; here stands only how each is asked for. The sample site
and the form in the docs are made from the same.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from shared.leads.clinic import Clinic
from shared.leads.request import ConsultationRequest

_YES_OR_NO = (("yes", "Yes"), ("no", "No"))

# The zones of the United States by the names people know, for a page without a script.
_TIME_ZONES = (
    ("America/New_York", "Eastern"),
    ("America/Chicago", "Central"),
    ("America/Denver", "Mountain"),
    ("America/Phoenix", "Arizona"),
    ("America/Los_Angeles", "Pacific"),
    ("America/Anchorage", "Alaska"),
    ("Pacific/Honolulu", "Hawaii"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One field on the page. `kind` is text, email, tel, textarea, select, radio, checkbox or checkboxes."""

    name: str
    kind: str
    label: str
    hint: str | None = None
    required: bool = False
    max_length: int | None = None
    autocomplete: str | None = None  # https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#autofill
    options: tuple[tuple[str, str], ...] = ()  # (what is sent, what is read)
    none: str | None = None  # what the choice of nothing is called, where it is offered


@dataclass(frozen=True, slots=True)
class Group:
    """Controls that belong together. A group that is not needed to be called back starts folded."""

    title: str
    controls: tuple[Control, ...]
    hint: str | None = None
    folded: bool = False
    help: bool = False  # whether it says where help is now


def groups(clinic: Clinic) -> tuple[Group, ...]:
    """Return the whole form, for one clinic."""
    ask = _Asker(clinic)
    return (
        Group(
            "How are you now?",
            (ask("in_crisis", "radio", options=_YES_OR_NO),),
            help=True,
        ),
        Group(
            "Who is it for?",
            (
                ask("asking_for", "radio"),
                ask(
                    "patient_is_adult",
                    "radio",
                    options=_YES_OR_NO,
                    hint=f"We treat people aged {clinic.minimum_age} and older.",
                ),
            ),
        ),
        Group(
            "How can we reach you?",
            (
                ask("name", "text", autocomplete="name"),
                ask("phone", "tel", autocomplete="tel"),
                ask("email", "email", autocomplete="email"),
                ask("preferred_contact", "radio", none="No preference"),
                ask("consent_texts", "checkbox", label=clinic.consent_texts.text),
                ask("best_time", "select", none="Choose one"),
                ask("time_zone", "select", options=_TIME_ZONES, none=_as_the_clinic(clinic)),
            ),
            hint="Give a phone number or an email address. One is enough.",
        ),
        Group(
            "Reaching you safely",
            (
                ask("voicemail_ok", "radio", options=_YES_OR_NO),
                ask("discreet", "checkbox"),
                ask("call_me", "text", autocomplete="nickname"),
            ),
            hint="Voicemail, discretion, a name to ask for",
            folded=True,
        ),
        Group(
            "What is it about?",
            (
                ask("interest", "select", none="I am not sure"),
                *((ask("location", "select", none="Any place is fine"),) if clinic.places else ()),
                ask(
                    "message",
                    "textarea",
                    hint="A line or two is plenty. Please nothing urgent: it may be a while before somebody reads it.",
                ),
            ),
        ),
        Group(
            "To prepare the call",
            (
                ask("symptoms", "checkboxes"),
                ask("treatments_tried", "radio", none="I would rather not say"),
                ask("health_notes", "checkboxes"),
            ),
            hint="About your health, if you like to tell us now",
            folded=True,
        ),
        Group(
            "Your consent",
            (
                ask("consent_contact", "checkbox", label=clinic.consent_contact.text),
                ask("consent_email_news", "checkbox", label=clinic.consent_email_news.text),
            ),
        ),
    )


def _as_the_clinic(clinic: Clinic) -> str:
    return f"The clinic's ({dict(_TIME_ZONES).get(clinic.time_zone, clinic.time_zone)})"


@cache
def schema() -> dict[str, Any]:
    """Return the wire model as JSON Schema, by the names that are sent."""
    return ConsultationRequest.model_json_schema(by_alias=True)


def labels() -> dict[str, str]:
    """Return what each field is called, by its name."""
    return {name: field["title"] for name, field in schema()["properties"].items()}


@dataclass(frozen=True, slots=True)
class _Asker:
    clinic: Clinic

    def __call__(self, name: str, kind: str, **how: Any) -> Control:  # noqa: ANN401 - a control's own attributes
        field = schema()["properties"][name]
        parts = tuple(_parts(field))
        limits = [part["maxLength"] for part in parts if "maxLength" in part]
        values: dict[str, Any] = {
            "label": field["title"],
            "hint": field.get("description"),
            "required": name in schema()["required"],
            "max_length": limits[0] if limits else None,
            "options": tuple((choice["const"], choice["title"]) for part in parts for choice in part.get("oneOf", ()))
            or tuple(self.clinic.place_names.items() if name == "location" else ()),
        }
        return Control(name=name, kind=kind, **(values | how))


def _parts(field: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what a field may be: itself, or each of its alternatives."""
    alternatives = field.get("anyOf", ())
    return [field, *(part for alternative in alternatives for part in _parts(alternative))]
