"""Texts, bodies and content types that have broken software before, each with a description."""

import json
from typing import Final
from urllib.parse import urlencode

from submit.decode import FORM, JSON, MULTIPART
from tests.unit.events import PARTS, parts
from tests.unit.people import form

# Text that a person, a program or an attacker types into a field, with a description.
TEXTS: Final = {
    "a lone high surrogate": "a\ud800b",
    "a lone low surrogate": "a\udfffb",
    "surrogates the wrong way round": "\udc00\ud800",
    "NUL": "a\x00b",
    "only NUL": "\x00",
    "controls": "".join(map(chr, range(32))) + "\x7f\x80\x9f",
    "a byte order mark": "\ufeffRobin",
    "bidirectional controls": "\u202emoc.elpmaxe\u202c \u2066x\u2069 \u200f",
    "non-characters": "\ufffe\uffff\U0010ffff",
    "5,000 digits": "7" * 5_000,
    "as many combining characters as fit": "e" + "\u0301\u0316" * 2_400,
    "an emoji of many": "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 20,
    "markup": "</textarea><script>alert(1)</script>\"'><!--",
    "a template": "{{ 7*7 }}{% include 'x' %}${7*7}#{7*7}",
    "a formula": '=cmd|" /C calc"!A1',
    "percent signs": "%00%zz%",
    "line ends": "a\r\nBcc: x\r\n\r\nb\u2028c\u2029d\x85",
    "longer than anything": "x" * 30_000,
    "white space": " \t\u00a0\u3000" * 100,
}


def nested(opening: str, closing: str, depth: int) -> str:
    return opening * depth + "1" + closing * depth


_OK = json.dumps(form())
_REST = _OK[1:]
JSON_BODIES: Final = {
    "nothing": b"",
    "white space": b" \r\n\t ",
    "broken UTF-8": b'{"name": "\xff\xfe\xc3\x28"}',
    "overlong UTF-8": b'{"name": "\xc0\xaf"}',
    "a surrogate written as UTF-8": b'{"name": "\xed\xa0\x80"}',
    "a lone surrogate escaped": b'{"name": "\\ud800", ' + _REST.encode(),
    "a surrogate pair the wrong way round": b'{"message": "\\udc00\\ud800", ' + _REST.encode(),
    "a lone surrogate as a name": b'{"\\ud800": "x", ' + _REST.encode(),
    "NUL": b'{"name": "a\x00b"}',
    "NUL escaped": b'{"x": "a\\u0000b", ' + _REST.encode(),
    "a byte order mark": b"\xef\xbb\xbf" + _OK.encode(),
    "two byte order marks": b"\xef\xbb\xbf" * 2 + _OK.encode(),
    "UTF-16": _OK.encode("utf-16"),
    "UTF-32": _OK.encode("utf-32"),
    "a number of 5,000 digits": b'{"rendered_at": ' + b"7" * 5_000 + b"}",
    "a number of 4,000 digits": b'{"rendered_at": ' + b"7" * 4_000 + b", " + _REST.encode(),
    "a name of 4,000 digits": b'{"x": 1, "message": ' + b"7" * 4_000 + b"}",
    "a fraction of 5,000 digits": b'{"message": 0.' + b"7" * 5_000 + b"}",
    "a number too large to be one": b'{"message": 1e999, "x": -1e999}',
    "a negative zero": b'{"message": -0.0}',
    "not a number": b'{"message": NaN}',
    "arrays 10,000 deep": nested("[", "]", 10_000).encode(),
    "arrays 10,000 deep in a field": f'{{"message": {nested("[", "]", 10_000)}}}'.encode(),
    "arrays 900 deep in every field": json.dumps(
        dict.fromkeys(["message", "name", "symptoms", "location", "x"], json.loads(nested("[", "]", 900)))
    ).encode(),
    "objects 10,000 deep": nested('{"a":', "}", 10_000).encode(),
    "objects 900 deep in a field": f'{{"symptoms": {nested('{"a":', "}", 900)}}}'.encode(),
    "nesting without an end": b'{"a":[' * 10_000,
    "the same name twice": b'{"name": "Robin Example", "name": "Sam Example"}',
    "the same name twice further down": b'{"x": {"y": 1, "y": 2}, ' + _REST.encode(),
    "thousands of fields": json.dumps({f"f{number}": "" for number in range(4_000)}).encode(),
    "a list of thousands": json.dumps(form(symptoms=["insomnia"] * 4_000)).encode(),
    "a list of lists": json.dumps(form(symptoms=[["insomnia"], {"insomnia": 1}, None, 7])).encode(),
    "two documents": _OK.encode() * 2,
    "a form": urlencode(form(), doseq=True).encode(),
    "names that Python knows": json.dumps(
        dict.fromkeys(["__class__", "self", "model_config", "__proto__"], "x")
    ).encode(),
}
FORM_BODIES: Final = {
    "nothing": b"",
    "ampersands": b"&" * 60_000,
    "semicolons": b";" * 60_000,
    "equals signs": b"=" * 60_000,
    "10,000 fields": b"a=1&" * 10_000,
    "200 fields": b"&".join(b"f%d=1" % number for number in range(200)),
    "the same field 150 times": b"&".join(b"name=Robin" for _ in range(150)),
    "the same list 150 times": b"&".join(b"symptoms=insomnia" for _ in range(150)),
    "names without values": b"name&email&phone&",
    "percent signs": b"%" * 20_000,
    "broken escapes": b"name=%zz&email=%4&phone=%&%=%u1234&message=%e9%ff%c3",
    "NUL": b"name=%00&%00=name\x00",
    "a lone surrogate": b"name=%ed%a0%80&message=\xed\xa0\x80",
    "broken UTF-8": b"name=\xff\xfe&message=%ff%fe",
    "plus signs": b"+" * 60_000,
    "a byte order mark": b"\xef\xbb\xbf" + urlencode(form(), doseq=True).encode(),
    "UTF-16": urlencode(form(), doseq=True).encode("utf-16"),
    "brackets": b"name[]=x&name[0][1]=y&[[[[=z&name[" + b"[" * 20_000,
    "JSON": _OK.encode(),
    "the trap": urlencode(form(leave_empty="x"), doseq=True).encode(),
}
_HEAD = b'--made-up-boundary\r\nContent-Disposition: form-data; name="'
MULTIPART_BODIES: Final = {
    "nothing": b"",
    "only an end": b"--made-up-boundary--\r\n",
    "10,000 parts": (_HEAD + b'"\r\n\r\n\r\n') * 10_000,
    "10,000 short parts": b"--made-up-boundary\r\n" * 3_000,
    "200 parts": parts({f"f{number}": "1" for number in range(200)}),
    "201 parts": parts({f"f{number}": "1" for number in range(201)}),
    "a file": _HEAD + b'x"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n--made-up-boundary--\r\n',
    "a file field left empty": parts(form()).removesuffix(b"--made-up-boundary--\r\n")
    + _HEAD
    + b'x"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n\r\n--made-up-boundary--\r\n',
    "a file with a name of NULs": _HEAD + b'x"; filename="\x00\xff"\r\n\r\nx\r\n--made-up-boundary--\r\n',
    "a part without a name": b"--made-up-boundary\r\nContent-Disposition: form-data\r\n\r\nx\r\n--made-up-boundary--",
    "a part without headers": b"--made-up-boundary\r\n\r\nx\r\n--made-up-boundary--\r\n",
    "a part with a broken header": b"--made-up-boundary\r\n\x00\xff: \xff\r\n\r\nx\r\n--made-up-boundary--\r\n",
    "a part that is transfer-encoded": _HEAD
    + b'name"\r\nContent-Transfer-Encoding: base64\r\n\r\nUg==\r\n--made-up-boundary--',
    "a part in a charset nobody knows": _HEAD
    + b'name"\r\nContent-Type: text/plain; charset=x\r\n\r\nR\r\n--made-up-boundary--',
    "a header without an end": _HEAD + b"x" * 50_000,
    "10,000 headers": _HEAD + b'x"\r\n' + b"a: b\r\n" * 8_000,
    "broken UTF-8 in a name": _HEAD + b'\xff\xfe"\r\n\r\nx\r\n--made-up-boundary--\r\n',
    "broken UTF-8 in a value": _HEAD + b'message"\r\n\r\n\xff\xfe\x81\x00\r\n--made-up-boundary--\r\n',
    "line feeds only": parts(form()).replace(b"\r\n", b"\n"),
    "something before and after": b"before\r\n" + parts(form()) + b"after\r\n" * 50,
    "almost boundaries": b"\r\n--made-up-boundar" * 3_000,
    "JSON": _OK.encode(),
}
CORPUS = {
    **{f"JSON: {name}": (JSON, body) for name, body in JSON_BODIES.items()},
    **{f"form: {name}": (FORM, body) for name, body in FORM_BODIES.items()},
    **{f"parts: {name}": (PARTS, body) for name, body in MULTIPART_BODIES.items()},
}


CONTENT_TYPES = [
    *(None, "", " ", ";", ";;;;", "/", "*/*", "application/*", "json", "text/plain", "text/html", "application/xml"),
    *("application/octet-stream", "multipart/mixed; boundary=x", "application/vnd.api+json", f"{JSON}, {JSON}"),
    *("Application/JSON", f" {JSON} ", f"{JSON};", f"{JSON}; charset", f"{JSON}; charset=", f"{JSON}; charset=x"),
    *(f'{JSON}; charset="utf-8', f"{JSON}; charset=utf-7; q=\x00", f"{JSON};{';a=b' * 2_000}", f"{JSON}\r\nX: y"),
    *(
        f"{MULTIPART}",
        f"{MULTIPART};",
        f"{MULTIPART}; boundary",
        f"{MULTIPART}; boundary=",
        f'{MULTIPART}; boundary=""',
    ),
    *(f"{MULTIPART}; boundary={'b' * 5_000}", f"{MULTIPART}; boundary=\u00e9", f"{MULTIPART}; boundary=\ud800"),
    *(
        f"{MULTIPART}; boundary=\x00",
        f"{MULTIPART}; boundary=a b",
        f"{MULTIPART}; boundary=a; boundary=b",
        MULTIPART.upper(),
    ),
    *(f"{MULTIPART}; boundary*=utf-8''x", f"{MULTIPART}; boundary*=x''%ff", f"{MULTIPART}; boundary*0=a; boundary*1=b"),
    *(f'{MULTIPART}; boundary="{"\\" * 999}', f"{MULTIPART}; {'boundary=x;' * 800}", f"{MULTIPART}; =x; boundary=--"),
]
