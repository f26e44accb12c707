"""submit.decode: bytes from anywhere become fields, or one error that quotes none of them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submit.decode import FORM, JSON, MAX_BODY_BYTES, MULTIPART, UndecodableError, decode
from tests.unit.words import CANARY, any_text, json_values


def refusal(content_type: str, body: bytes) -> UndecodableError:
    with pytest.raises(UndecodableError) as caught:
        decode(content_type, body)
    return caught.value


def test_json_becomes_its_fields() -> None:
    body = (
        b'{"name": "Robin", "consent_contact": true, "email": null, "phone": 2025550142, "symptoms": ["fatigue", ""]}'
    )
    assert decode(JSON, body) == {"name": "Robin", "consent_contact": True, "phone": 2025550142, "symptoms": "fatigue"}


def test_a_byte_order_mark_before_json_is_debris() -> None:
    assert decode(JSON, b'\xef\xbb\xbf{"name": "Robin"}') == {"name": "Robin"}


def test_a_form_becomes_its_fields() -> None:
    assert decode(FORM, b"name=Robin+Example&email=robin%40example.com&message=&n=%C3%A9") == {
        "name": "Robin Example",
        "email": "robin@example.com",
        "n": "\u00e9",
    }


@pytest.mark.parametrize("body", [b"", b"name"])
def test_a_form_without_values_is_an_empty_one(body: bytes) -> None:
    assert not any(decode(FORM, body).values())


@pytest.mark.parametrize("body", [rb'{"name": "\ud800"}', rb'{"name": "a\u0000b"}'])
def test_unstorable_escapes_are_left_to_normalization(body: bytes) -> None:
    assert decode(JSON, body) == json.loads(body)


def test_a_form_of_a_page_in_an_old_encoding_keeps_its_letters() -> None:
    assert decode(FORM, b"name=Zo%E9+Example&message=%93quoted%94+%80+5") == {
        "name": "Zo\u00e9 Example",
        "message": "\u201cquoted\u201d \u20ac 5",
    }


@pytest.mark.parametrize("body", [b"name=Zo\xe9", "name=Zo\u00e9".encode(), b"\xef\xbb\xbfname=Zo%c3%a9"])
def test_a_form_that_escapes_nothing_is_read_too(body: bytes) -> None:
    assert decode(FORM, body) == {"name": "Zo\u00e9"}


def test_bytes_that_are_no_letter_in_any_encoding_become_replacement_characters() -> None:
    assert decode(FORM, b"name=%81%ff") == {"name": "\ufffd\u00ff"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"name": "Robin"',
        b'{"name": "Robin"} {}',
        b"\xff\xfe{}",
        b'{"name": "\xff"}',
        b'{"name": "\xed\xa0\x80"}',  # a lone surrogate, which valid UTF-8 never has
        b'{"name": "a\x00b"}',
        b"\x00",
        '{"name": "Robin"}'.encode("utf-16"),
        b'{"number": ' + b"9" * 5_000 + b"}",
        b'{"deep": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
        b"[" * 10_000,
        b'{"name": "Robin", "name": "Sam"}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"number": NaN}',
        b'{"number": Infinity}',
        b'{"number": -Infinity}',
        b"{'name': 'Robin'}",
        b'{"name": undefined}',
        b"[]",
        b'["name"]',
        b'"name"',
        b"null",
        b"7",
    ],
)
def test_json_that_is_not_one_clean_object_is_refused(body: bytes) -> None:
    error = refusal(JSON, body)
    assert error.status == 400
    assert error.reason in {"not_json", "not_an_object"}


@pytest.mark.parametrize("depth", [1, 500, 900, 1_100, 3_000, 7_000])
def test_nesting_of_any_depth_is_read_or_refused(depth: int) -> None:
    try:
        fields = decode(JSON, b'{"deep":' * depth + b"1" + b"}" * depth)
    except UndecodableError as error:
        assert error.status == 400  # noqa: PT017 - a property: either outcome is right
    else:
        assert list(fields) == ["deep"]


@pytest.mark.parametrize(
    "body",
    [
        b"&".join(b"f%d=1" % number for number in range(201)),
        b"&" * 60_000,
    ],
)
def test_a_form_that_cannot_be_read_is_refused(body: bytes) -> None:
    error = refusal(FORM, body)
    assert (error.status, error.reason) == (400, "too_many_fields")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"consent_contact=no&consent_contact=yes", {"consent_contact": ["no", "yes"]}),  # a hidden field and a box
        (b"interests[]=a&interests[]=b", {"interests": ["a", "b"]}),  # a site builder's list
        (b"symptoms[0]=a&symptoms[1]=b", {"symptoms": ["a", "b"]}),
        (b"contact[email]=a&x[]y=b", {"contact[email]": "a", "x[]y": "b"}),
        (b"name=Robin&email=&name=", {"name": "Robin"}),
        (b"symptoms=fatigue&symptoms=&symptoms=insomnia", {"symptoms": ["fatigue", "insomnia"]}),
    ],
)
def test_a_repeated_field_keeps_all_its_values_that_are_not_empty(body: bytes, fields: dict[str, object]) -> None:
    assert decode(FORM, body) == fields


def test_a_form_may_have_two_hundred_fields() -> None:
    assert len(decode(FORM, b"&".join(b"f%d=1" % number for number in range(200)))) == 200


@pytest.mark.parametrize("media_type", [JSON, FORM, "text/plain", ""])
def test_a_body_that_is_too_large_is_refused_before_anything_is_read(media_type: str) -> None:
    assert refusal(media_type, b"x" * (MAX_BODY_BYTES + 1)).status == 413


def test_a_body_of_the_largest_size_is_read() -> None:
    message = "x" * (MAX_BODY_BYTES - len('{"message": ""}'))
    assert decode(JSON, json.dumps({"message": message}).encode()) == {"message": message}


@pytest.mark.parametrize("media_type", ["text/csv", "multipart/mixed", "application/jsonx", "application/xml", "*/*"])
def test_other_media_types_are_refused(media_type: str) -> None:
    error = refusal(media_type, b'{"name": "Robin"}')
    assert (error.status, error.reason) == (415, "media_type")


def part(name: str, value: bytes, disposition: str = "") -> bytes:
    return f'--B\r\nContent-Disposition: form-data; name="{name}"{disposition}\r\n\r\n'.encode() + value + b"\r\n"


NO_FILE = part("scan", b"", '; filename=""')
FILE = part("scan", b"%PDF", '; filename="scan.pdf"')


def multipart(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--B--\r\n"


def test_a_multipart_form_becomes_its_fields() -> None:
    body = multipart(
        part("name", "Zo\u00e9".encode()),
        part("email", b""),
        part("symptoms", b"fatigue"),
        part("symptoms", b"insomnia"),
        part("message", b"Zo\xe9\r\n"),
        NO_FILE,
    )
    assert decode('Multipart/Form-Data; boundary="B"', body) == {
        "name": "Zo\u00e9",
        "symptoms": ["fatigue", "insomnia"],
        "message": "Zo\u00e9\r\n",
    }


@pytest.mark.parametrize(
    "file", [FILE, part("scan", b"", '; filename="empty.txt"'), part("scan", b"x", '; filename=""')]
)
def test_a_file_is_refused_and_what_was_typed_is_kept(file: bytes) -> None:
    error = refusal(f"{MULTIPART}; boundary=B", multipart(part("name", b"Robin"), file))
    assert (error.status, error.reason) == (422, "files")
    assert error.fields == {"name": "Robin"}


@pytest.mark.parametrize("end", range(len(multipart(part("name", b"Robin"))) - 2))
def test_a_multipart_form_cut_short_anywhere_is_refused(end: int) -> None:
    error = refusal(f"{MULTIPART}; boundary=B", multipart(part("name", b"Robin"))[:end])
    assert (error.status, error.reason) == (400, "bad_parts")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (MULTIPART, b"name=Robin"),
        (f"{MULTIPART}; boundary=", b"--"),
        (f"{MULTIPART}; boundary={'B' * 5_000}", multipart(part("name", b"Robin"))),
        (f"{MULTIPART}; boundary=C", multipart(part("name", b"Robin"))),
        (f"{MULTIPART}; boundary=B", b"--B\r\n\r\nno disposition\r\n--B--\r\n"),
        (f"{MULTIPART}; boundary=B", b"--B\r\n" * 10_000),
        (f"{MULTIPART}; boundary=B", multipart(*[part("name", b"")] * 201)),
    ],
)
def test_an_invalid_multipart_form_is_refused(content_type: str, body: bytes) -> None:
    assert refusal(content_type, body).status == 400


_bodies = st.one_of(
    st.binary(max_size=300),
    json_values.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(any_text, json_values, max_size=4).map(lambda value: json.dumps(value).encode()),
    any_text.map(lambda text: text.encode("utf-8", errors="surrogatepass")),
    st.lists(st.sampled_from([b"name", b"=", b"&", b"%", b"%4", b"%zz", b"+", b";", b"\xff"])).map(b"".join),
)


@given(
    media_type=st.one_of(st.sampled_from([JSON, FORM, MULTIPART, f"{MULTIPART}; boundary=B"]), any_text), body=_bodies
)
def test_any_body_of_any_type_is_a_dictionary_or_undecodable(media_type: str, body: bytes) -> None:
    try:
        fields = decode(media_type, body)
    except UndecodableError as error:
        assert error.status in {400, 413, 415, 422}  # noqa: PT017 - a property: either outcome is right
    else:
        assert isinstance(fields, dict)
        assert all(isinstance(name, str) for name in fields)


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        (JSON, f'{{"{CANARY}": {CANARY}'),
        (JSON, f'{{"{CANARY}": 1, "{CANARY}": 2}}'),
        (JSON, f'"{CANARY}"'),
        (JSON, CANARY * 10_000),
        (FORM, f"{CANARY}=1&" * 300),
        (CANARY, CANARY),
        (f"{MULTIPART}; boundary=B", f"--B\r\n{CANARY}"),
        (MULTIPART, CANARY),
    ],
)
def test_an_error_says_nothing_of_the_body_or_its_type(media_type: str, body: str) -> None:
    error = refusal(media_type, body.encode())
    said = {name: value for name, value in vars(error).items() if name != "fields"}  # what a page shows again
    assert CANARY not in f"{error!r} {error} {said}"
    assert error.__suppress_context__ or error.__context__ is None
