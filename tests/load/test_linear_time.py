"""The time for a request grows with its size, not with the square of it: one visitor must not slow down the others.

These tests compare processor time, so they are not among the unit tests.
"""

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Final

import pytest

from shared.leads.crisis import mentions_crisis
from shared.leads.spam import Evidence, Verdict, screen
from submit.decode import FORM, JSON, MULTIPART
from submit.http import http_request
from submit.web_address import MAX_ADDRESS_LENGTH, origin_and_path
from tests.unit.events import BOUNDARY, PARTS, Event, event, parts
from tests.unit.people import a_lead, form
from tests.unit.web import api

type Grown = Callable[[int], Event]  # about that many bytes

SMALL, LARGE = 15_000, 60_000  # below 64 KiB, above which nothing is read
PART = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="message"'.encode()
END = f"\r\n--{BOUNDARY}--".encode()


def in_field(name: str, unit: str) -> Grown:
    repeated = 1 / len(unit.encode())
    return lambda size: event(json.dumps(form(**{name: unit * int(size * repeated)}), ensure_ascii=False), JSON)


def in_form(unit: str) -> Grown:
    return lambda size: event("message=" + unit * (size // len(unit)), FORM)


def in_parts(unit: bytes, before: bytes = b"\r\n\r\n") -> Grown:
    return lambda size: event(PART + before + unit * (size // len(unit)) + END, PARTS, encoded=True)


def in_header(name: str, start: str, unit: str) -> Grown:
    return lambda size: event(parts(form()), PARTS, headers={name: start + unit * (size // len(unit))})


# Each unit would make careless code read the same text again and again.
MESSAGES: Final = {
    "letters": "x",
    "white space": " ",
    "line ends": "\r\n",
    "marks": "\u0301\u0316",
    "Hangul in parts": "\u1100\u1161\u11a8",
    "emoji and joiners": "\U0001f468\u200d",
    "almost words of crisis": "suicid kill end my lif don't want to ",
    "escapes": '\\"\x01',
    "markup": "<&\"'>",
}
FIELDS: Final = {
    "name": ["\u0301\u0316"],
    "email": ["a.", "a-", "a@", "\u0301\u0316"],
    "phone": ["2", " ext 1", "(", "+"],
    "page": ["https://a.", "?#", "/"],
    "utm_source": ["\u0301\u0316"],
    "time_zone": ["a/"],
    "submission_id": ["a-"],
    "thank_you_page": ["https://a."],
    "cf-turnstile-response": ["a."],
    "interest": ["depression ", "\u0301\u0316", "_"],
    "symptoms": ["insomnia,", ",", "low mood;"],
    "in_crisis": ["yes ", "no "],
    "consent_texts": ["I agree ", "You may text me "],
    "location": ["Downtown, "],
    "x": ["\u0301\u0316", "4", "4 ", "123-45-", "x"],
    "token": ["x"],
}
GROWING: Final[dict[str, Grown]] = {
    **{f"a message of {name}": in_field("message", unit) for name, unit in MESSAGES.items()},
    **{f"{name} of {unit!a}": in_field(name, unit) for name, units in FIELDS.items() for unit in units},
    # Sorting the marks of one letter takes quadratic time if the later ones belong before the others.
    "marks in the wrong order": lambda size: event(
        json.dumps(form(message="e" + "\u0301" * (size // 4) + "\u0316" * (size // 4)), ensure_ascii=False)
    ),
    "JSON: a list": lambda size: event(json.dumps(form(symptoms=["insomnia"] * (size // 12)))),
    "JSON: fields": lambda size: event(json.dumps({f"f{number}": "" for number in range(size // 14)})),
    "JSON: unknown fields": lambda size: event(json.dumps(form() | {f"f{n}": "x" * (size // 200) for n in range(170)})),
    "JSON: a long name": lambda size: event(json.dumps(form() | {"clid" * (size // 4): "x"})),
    "JSON: an unknown list of lists": lambda size: event(json.dumps(form(x=[["x"]] * (size // 8)))),
    "JSON: brackets": lambda size: event("[" * size),
    "JSON: pairs": lambda size: event('{"a":' * (size // 5)),
    "JSON: digits": lambda size: event('{"rendered_at": ' + "7" * size + "}"),
    "JSON: white space": lambda size: event(" " * size),
    "form: ampersands": lambda size: event("&" * size, FORM),
    "form: fields": lambda size: event("a=b&" * (size // 4), FORM),
    "form: long fields": lambda size: event("&".join(f"f{n}={'x' * (size // 210)}" for n in range(199)), FORM),
    "form: brackets": in_form("[0]"),
    "form: a repeated field": lambda size: event("&".join([f"x={'y' * (size // 200)}"] * 190), FORM),
    "form: a declared encoding": lambda size: event("_charset_=shift_jis&message=" + "%83e" * (size // 4), FORM),
    "text: lines": lambda size: event("message=a\r\n" + "b\r\n" * (size // 3), "text/plain"),
    "text: fields": lambda size: event("a=b\r\n" * (size // 5), "text/plain"),
    "text: names": lambda size: event("a" * size + "=b\nc", "text/plain"),
    "form: equals signs": in_form("="),
    "form: percent signs": in_form("%"),
    "form: escaped bytes": in_form("%e9"),
    "form: escaped marks": in_form("%CC%81%CC%96"),
    "form: plus signs": in_form("+"),
    "parts: as many as are taken": lambda size: event(
        parts({f"f{n}": "x" * (size // 3 // 200) for n in range(size // 350)}), PARTS, encoded=True
    ),
    "parts: too many": in_parts(f"\r\n--{BOUNDARY}".encode()),
    "parts: almost boundaries": in_parts(f"\r\n--{BOUNDARY[:-1]}".encode()),
    "parts: line ends": in_parts(b"\r\n"),
    "parts: returns": in_parts(b"\r"),
    "parts: hyphens": in_parts(b"--"),
    "parts: spaces after a boundary": in_parts(f"\r\n--{BOUNDARY} ".encode()),
    "parts: spaces": in_parts(f"\r\n--{BOUNDARY}".encode() + b" " * 100),
    "parts: line feeds": lambda size: event(
        (PART + b"\r\n\r\n" + b"a\r\n" * (size // 3) + END).replace(b"\r\n", b"\n"), PARTS, encoded=True
    ),
    "parts: options": in_parts(b'; a="\\"', before=b""),
    "parts: headers": in_parts(b"a: b\r\n", before=b"\r\n"),
    "parts: before the first": lambda size: event(b"\r\n" * (size // 2) + parts(form()), PARTS, encoded=True),
    "Accept: commas": in_header("Accept", "", ","),
    "Accept: types": in_header("Accept", "", "text/html;q=0.1,"),
    "Accept: qualities": in_header("Accept", "text/html;", "q=0."),
    "Content-Type: options": in_header("Content-Type", MULTIPART, "; a=b"),
    "Content-Type: quotes": in_header("Content-Type", f'{MULTIPART}; boundary="', '\\"'),
    "Content-Type: a boundary": in_header("Content-Type", f"{MULTIPART}; boundary=", "b"),
    "Referer: dots": in_header("Referer", "https://", "a."),
    "Origin: dots": in_header("Origin", "https://", "a."),
}


@pytest.mark.parametrize("kind", ["text/html", JSON])
@pytest.mark.parametrize("grown", GROWING.values(), ids=GROWING)
def test_four_times_the_size_takes_about_four_times_as_long(grown: Grown, kind: str) -> None:
    small, large = (seconds_to_answer(grown(size), kind) for size in (SMALL, LARGE))
    # The larger request may be the only one that gets a page with all its text. 0.09 s for it slows nobody down.
    floor = 0.01
    assert large < 9 * max(small, floor), f"{small:.4f} s, then {large:.4f} s; quadratic time would be 16 times"


def seconds_to_answer(sent: Event, kind: str) -> float:
    """Return the processor time of an answer, the best of five because other programs share the caches."""
    request = http_request(sent | {"headers": {"Accept": kind} | sent["headers"]})
    return min(seconds(partial(api().answer, request)) for _ in range(5))


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time of `work`."""
    start = time.process_time()
    work()
    return time.process_time() - start


# Texts far longer than any request has. A pattern that backtracks would take hours for them.


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "i ",
        " ",
        "\n",
        "want to ",
        "don't want to ",
        "end ",
        "self-",
        "kill ",
        "no reason to ",
        "'",
        "\u2019",
        "cut",
    ],
)
def test_words_of_crisis_are_looked_for_in_linear_time(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    assert not mentions_crisis(text)
    assert seconds(partial(mentions_crisis, text)) < 1


@pytest.mark.parametrize(
    "piece", ["a", "w", "www.", "http", "https://", "h t t p", "a.", ".com", "@", "a@b.", "-", ".", "\n", "\u0301"]
)
def test_signs_of_spam_are_looked_for_in_linear_time(piece: str) -> None:
    text = piece * (300_000 // len(piece))
    lead = a_lead(name=text, message=text, email=text)
    assert seconds(partial(screen, Evidence(lead=lead, repeats=0, turnstile=Verdict.NOT_ASKED))) < 2


@pytest.mark.parametrize("piece", ["https://", "a.", "a/", "/", "?", "#", "%", "@", "a:1"])
@pytest.mark.parametrize("length", [MAX_ADDRESS_LENGTH, 1_000_000])
def test_a_web_address_is_read_in_linear_time(piece: str, length: int) -> None:
    address = f"https://a/{piece * length}"[:length]
    assert seconds(partial(origin_and_path, address)) < 0.5
