"""submit.mistyped: a domain that looks mistyped gets a suggestion, and real providers never do."""

from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.leads.contact import normalize_email
from submit.mistyped import LARGE, NONE_SUCH, REAL, TOP_LEVEL, is_one_slip, suggestion


@pytest.mark.parametrize(
    ("domain", "meant"),
    [
        *(
            (f"gmail.{end}", "gmail.com")
            for end in ("con", "cmo", "ocm", "comm", "vom", "xom", "co", "cm", "om", "cim")
        ),
        *((f"gmail.{end}", "gmail.com") for end in ("net", "org", "com.br", "co.uk", "com.com", "fr", "c0m", "cam")),
        *(
            (f"{name}.com", "gmail.com")
            for name in ("gmial", "gamil", "gmai", "gnail", "gmaill", "gmal", "mgail", "ggmail")
        ),
        *((f"{name}.com", "gmail.com") for name in ("hmail", "fmail", "gmil", "gmsil", "gmeil", "gail", "www.gmail")),
        *((f"{name}.com", "yahoo.com") for name in ("yaho", "yahooo", "yhaoo", "yahho", "tahoo", "ahoo", "yaoo")),
        *((f"{name}.com", "hotmail.com") for name in ("hotmial", "hotmai", "hotmal", "hotmaill", "homail", "otmail")),
        *((f"{name}.com", "outlook.com") for name in ("outlok", "outloook", "oulook", "outllok", "outlool")),
        *((f"{name}.com", "icloud.com") for name in ("iclod", "icoud", "icluod", "icloude")),
        ("gmial.con", "gmail.com"),
        ("hotnail.cmo", "hotmail.com"),
        ("yahoo.co", "yahoo.com"),
        ("yahoo.con", "yahoo.com"),
        ("yaho.co.uk", "yahoo.co.uk"),
        ("hotmal.fr", "hotmail.fr"),
        ("aol.con", "aol.com"),
        ("aol.co", "aol.com"),
        ("msn.cm", "msn.com"),
        ("me.con", "me.com"),
        ("comcast.ner", "comcast.net"),
        ("comcat.net", "comcast.net"),
        ("att.nte", "att.net"),
        ("att.ne", "att.net"),
        ("sbcglobal.com", "sbcglobal.net"),
        ("sbcgobal.net", "sbcglobal.net"),
        ("verzion.net", "verizon.net"),
        ("protonmial.com", "protonmail.com"),
        ("example.con", "example.com"),
        ("mail.example.comm", "mail.example.com"),
        ("example.ogr", "example.org"),
        ("university.eud", "university.edu"),
    ],
)
def test_a_domain_that_looks_mistyped_has_a_suggestion(domain: str, meant: str) -> None:
    assert suggestion(f"sam@{domain}") == f"sam@{meant}"


@pytest.mark.parametrize(
    "domain",
    [
        *("gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "aol.com", "comcast.net", "msn.com"),
        *("live.com", "verizon.net", "att.net", "sbcglobal.net", "protonmail.com", "proton.me", "me.com", "mac.com"),
        *("ymail.com", "mail.com", "email.com", "gmx.com", "gmx.net", "gmx.de", "googlemail.com", "fastmail.com"),
        *("yahoo.co.uk", "yahoo.ca", "yahoo.fr", "yahoo.de", "yahoo.com.mx", "yahoo.com.br", "yahoo.co.in", "yahoo.in"),
        *("hotmail.fr", "hotmail.co.uk", "hotmail.ca", "hotmail.de", "hotmail.es", "hotmail.it", "hotmail.be"),
        *("live.co.uk", "live.fr", "live.ca", "live.nl", "live.it", "outlook.fr", "outlook.de", "outlook.com.br"),
        *("comcast.com", "verizon.com", "att.com", "cox.com", "charter.com", "cox.net", "bellsouth.net", "aim.com"),
        *("cloud.com", "wahoo.com", "tmail.com", "rocketmail.com", "hey.com", "pm.me", "tutanota.com", "zoho.com"),
        *("qq.com", "163.com", "naver.com", "web.de", "orange.fr", "wanadoo.fr", "libero.it", "mail.ru", "yandex.ru"),
        *("example.com", "example.co", "example.cm", "example.om", "example.net", "example.ne", "umail.example.edu"),
        *("gmail.example.com", "mail.gmail.example.com", "duck.com", "privaterelay.appleid.com", "icloud.example.org"),
    ],
)
def test_a_domain_in_use_has_none(domain: str) -> None:
    assert suggestion(f"sam@{domain}") is None


def test_no_top_level_domain_that_exists_counts_as_a_mistake() -> None:
    listed = Path(hypothesis.__file__).parent / "vendor" / "tlds-alpha-by-domain.txt"  # IANA's list
    exist = set(listed.read_text("ascii").lower().split())
    assert {"com", "net", "co", "cam"} <= exist
    assert not exist & set(NONE_SUCH)


def test_every_exception_is_needed() -> None:
    assert not [name for name in REAL if not any(is_one_slip(name, known) for known in LARGE)]


def slips(right: str) -> set[str]:
    """Return every text with one letter of `right` left out, added, changed, or swapped with the next."""
    letters = "abcz"
    cuts = [(right[:at], right[at:]) for at in range(len(right) + 1)]
    return {
        *(front + back[1:] for front, back in cuts),
        *(front + letter + back for front, back in cuts for letter in letters),
        *(front + letter + back[1:] for front, back in cuts if back for letter in letters),
        *(front + back[1] + back[0] + back[2:] for front, back in cuts if len(back) > 1),
    }


@pytest.mark.parametrize("right", ["com", "gmail", "aab"])
def test_one_slip_is_one_letter(right: str) -> None:
    once = slips(right)
    assert all(is_one_slip(typed, right) for typed in once)
    twice = {typed for slip in once for typed in slips(slip)} - once - {right}
    assert not any(is_one_slip(typed, right) for typed in twice)


DOMAINS = st.one_of(
    st.sampled_from(sorted(TOP_LEVEL)).flatmap(
        lambda name: st.tuples(
            st.sampled_from([name, *sorted(slips(name))]),
            st.sampled_from(["com", "net", "co.uk", "fr", "example.edu", *sorted(NONE_SUCH)]),
        ).map(".".join)
    ),
    st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,4}){1,3}", fullmatch=True),
)


@given(DOMAINS)
def test_a_suggestion_is_an_address_that_looks_right(domain: str) -> None:
    address = normalize_email(f"Sam.x+1@{domain}")
    if address is None:
        return
    meant = suggestion(address)
    if meant is not None:
        assert meant.startswith("Sam.x+1@")
        assert normalize_email(meant) == meant
        assert suggestion(meant) is None
