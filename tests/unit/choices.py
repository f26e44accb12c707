"""The choices of each field: the value that is sent and the label that visitors read."""

from typing import Final

from shared.leads.fields import FIELDS
from shared.text.en.fields import FIELDS as WORDS

type Choices = dict[str, str]


def offered(name: str) -> Choices:
    return {choice: WORDS[name].choices[choice] for choice in FIELDS[name].choices}


ALL: Final = {name: offered(name) for name, field in FIELDS.items() if field.choices}

ASKING_FOR: Final = offered("asking_for")
PREFERRED_CONTACT: Final = offered("preferred_contact")
BEST_TIME: Final = offered("best_time")
INTEREST: Final = offered("interest")
SYMPTOMS: Final = offered("symptoms")
TREATMENTS_TRIED: Final = offered("treatments_tried")
HEALTH_NOTES: Final = offered("health_notes")
