"""Finds email addresses whose domain looks mistyped: gmail.con, gmial.com.

A short table in place of a library: a request counts each import, and the domains that people mistype are few. An
address that looks mistyped can still be right, so the form only asks.
"""

from typing import Final

# Providers with many users, and the top-level domain of their addresses. A name within one slip of one of these is a
# mistake, unless it is in `REAL`.
LARGE: Final = {
    **dict.fromkeys(
        ("gmail", "yahoo", "hotmail", "outlook", "icloud", "protonmail", "googlemail", "rocketmail"), "com"
    ),
    **dict.fromkeys(("comcast", "verizon", "sbcglobal", "bellsouth", "earthlink", "optonline"), "net"),
}
# Short names are within one slip of too many real companies, so only the top-level domain can be a mistake.
_SHORT: Final = {
    **dict.fromkeys(("aol", "ymail", "live", "msn", "mac"), "com"),
    **dict.fromkeys(("att", "cox", "charter"), "net"),
}
TOP_LEVEL: Final = LARGE | _SHORT
# Their addresses end in nothing else, so gmail.net and gmail.com.br are mistakes.
_ONE_TOP_LEVEL: Final = frozenset({"gmail", "icloud", "sbcglobal", "bellsouth", "googlemail"})
# The others have addresses in many countries. These are the ones where a mistyped name is corrected too.
_IN_COUNTRIES: Final = frozenset({"yahoo", "hotmail", "outlook"})
_COUNTRIES: Final = frozenset(
    {"co.uk", "co.in", "com.ar", "com.au", "com.br", "com.mx", "ca", "de", "es", "fr", "ie", "in", "it"}
)
# Names within one slip of a large provider that others use: email.com, and most letters before "mail".
REAL: Final = frozenset(
    {"mail", "cloud", "gcloud", "wahoo", *(f"{letter}mail" for letter in "abcdeijklmnopqrstuvwxyz")}
)
# Top-level domains that do not exist, and the one that was meant.
NONE_SUCH: Final = {
    typed: meant
    for meant, mistakes in {
        "com": (
            "con cmo ocm comm vom xom cim cpm cok coom ccom conm comn cojm coma comc comd come comi como coms comt "
            "comv comx c0m clm cin col cot coim coml cpom copm ckm dom cnm cxom cvom vcom xcom coj oom mco omc ocom"
        ),
        "net": "nte ner nett nets ent ten het nwt nrt nnet neet bnet",
        "org": "ogr orgg rog orf orh prg otg irg oorg orrg gro",
        "edu": "eud deu edi esu eddu eduu wdu rdu",
    }.items()
    for typed in mistakes.split()
}


def suggestion(address: str) -> str | None:
    """Return the address that was probably meant, or None if the domain does not look mistyped.

    `address` must be one that `normalize_email` returned. What this returns does not look mistyped itself.
    """
    local, _, domain = address.rpartition("@")
    meant = _meant(domain)
    return None if meant == domain else f"{local}@{meant}"


def _meant(domain: str) -> str:
    front, _, last = domain.rpartition(".")
    fixed = f"{front}.{NONE_SUCH.get(last, last)}"
    name, _, end = fixed.removeprefix("www.").partition(".")
    known = name if name in TOP_LEVEL else _large_provider_near(name)
    if known is None:
        return fixed
    right = TOP_LEVEL[known]
    part_of_another = "." in end and end.partition(".")[0] not in {"co", "com", "net", "org"}  # umail.example.edu
    if is_one_slip(end, right) or (known in _ONE_TOP_LEVEL and not part_of_another):
        return f"{known}.{right}"
    return f"{known}.{end}" if known in _IN_COUNTRIES and end in _COUNTRIES else fixed


def _large_provider_near(name: str) -> str | None:
    return None if name in REAL else next((known for known in LARGE if is_one_slip(name, known)), None)


def is_one_slip(typed: str, right: str) -> bool:
    """Return whether `typed` is `right`, or has one letter added, left out, changed, or swapped with the next.

    This is a Damerau-Levenshtein distance of at most 1, in one pass.
    """
    if abs(len(typed) - len(right)) > 1:
        return False
    same = 0
    while same < min(len(typed), len(right)) and typed[same] == right[same]:
        same += 1
    was, meant = typed[same:], right[same:]
    swapped = len(was) > 1 and was[:2] == meant[1::-1] and was[2:] == meant[2:]
    return swapped or was[1:] == meant[1:] or was[1:] == meant or was == meant[1:]
