"""What the proof recognizes in an item, and what it does not."""

import pytest

from erase.traces import Traces, Words, addresses
from shared.leads.erasure import traces_of
from shared.store.keys import attributes
from tests.unit.people import a_lead

TRACES = Traces(("robin@example.com", "+12025550147", "+442079460018 ext. 7", "Robin Q. Example"))

RAIN = "\U0001f327 rain " * 600


def found(**values: object) -> bool:
    return TRACES.are_in(Words(attributes(values)))


@pytest.mark.parametrize(
    "text",
    [
        "robin@example.com",
        "mailto:Robin@EXAMPLE.com?subject=x",
        "+12025550147",
        "2025550147",
        "(202) 555-0147",
        "1-202-555.0147",
        "+44 20 7946 0018",
        "ROBIN Q. EXAMPLE",
        "said by Robin Q. Example today",
    ],
)
def test_a_trace_is_found_however_somebody_typed_it(text: str) -> None:
    assert found(text=text)
    assert found(parts=[{"deep": [text]}])
    assert found(several={text, "another"})


@pytest.mark.parametrize("text", ["sam@example.com", "(202) 555-0148", "Robin", "Example", "202 555", ""])
def test_another_persons_data_is_no_trace(text: str) -> None:
    assert not found(text=text)


def test_digits_of_two_values_make_no_number() -> None:
    assert not found(one="202555", other="0147")


def test_nothing_to_look_for_is_found_nowhere() -> None:
    assert not Traces(()).are_in(Words(attributes({"text": "anything"})))


def test_short_texts_and_single_words_are_no_traces() -> None:
    lead = a_lead(name="Cher", message="Please call", call_me="Sam")
    assert traces_of([lead]) == (lead.email, lead.phone)
    longer = a_lead(name="Robin Example", message="Please call me today", call_me=None)
    assert traces_of([longer]) == (longer.email, longer.phone, longer.name, longer.message)


def test_the_traces_of_very_many_long_requests_fit_into_one_item() -> None:
    leads = [
        a_lead(
            number,
            email=f"robin{number}@example.com",
            message="\U0001f327 rain " * 600,
            call_me=f"Robin {number} Example",
        )
        for number in range(500)
    ]
    found = traces_of(leads)
    assert sum(len(text.encode()) for text in found) <= 250_000
    assert {str(lead.email) for lead in leads} <= set(found)
    assert any(text.startswith(RAIN[:9]) for text in found)


def test_only_addresses_go_to_the_suppression_list() -> None:
    texts = ("robin@example.com", "+12025550147", "write to sam@example.com please", "Robin Example")
    assert addresses(texts) == ("robin@example.com",)
