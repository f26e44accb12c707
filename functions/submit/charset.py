"""Decodes text whose encoding the page decided. The visitor cannot change it, so nothing here is refused."""

import re
from contextlib import suppress
from typing import Final

# Encodings that a page may have (https://encoding.spec.whatwg.org/#names-and-labels), as Python names them. Others,
# such as UTF-7 or Python's own "unicode_escape", are never what a browser sends.
_KNOWN: Final = (  # compiled at first use
    r"(?:windows-|cp)(?:874|125[0-8])|iso-8859-[0-9]{1,2}|koi8-[ru]|ibm866|macintosh|gbk|gb2312|gb18030|big5"
    r"|euc-(?:jp|kr)|iso-2022-jp|shift[-_]jis|windows-31j|sjis|x-sjis|ks_c_5601-1987|latin1|us-ascii|ascii"
)
# Python's names, where they differ or where browsers mean more by a label: by Latin-1, they mean windows-1252.
_PYTHON_NAMES: Final = {
    **dict.fromkeys(("iso-8859-1", "latin1", "us-ascii", "ascii"), "cp1252"),
    **dict.fromkeys(("shift_jis", "shift-jis", "x-sjis", "sjis", "windows-31j"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987"), "cp949"),
    "iso-8859-9": "cp1254",
    "windows-874": "cp874",
    "macintosh": "mac_roman",
    **dict.fromkeys(("gbk", "gb2312"), "gb18030"),
}
_SEVERAL_BYTES: Final = frozenset({"cp932", "cp949", "gb18030", "big5", "euc-jp", "iso-2022-jp"})


def charset(declared: object) -> str | None:
    """Return Python's name of a declared encoding, or None if it is not one that a page can have."""
    label = declared.strip().strip("\"'").lower() if isinstance(declared, str) else ""
    if label in {"utf-8", "utf8"}:  # the usual case
        return "utf-8"
    if not re.fullmatch(_KNOWN, label, re.ASCII):
        return None
    return _PYTHON_NAMES.get(label, label)


def decoded(value: bytes, declared: str | None = None) -> str:
    """Return the text in `value`: in the declared encoding, or else in UTF-8, or else in windows-1252.

    Old programs declare an encoding with one byte for each letter and send UTF-8. Text in such an encoding is hardly
    ever valid UTF-8, so that comes first.
    """
    several = declared in _SEVERAL_BYTES
    for name in (declared, "utf-8-sig") if several else ("utf-8-sig", declared):
        if name is not None:
            with suppress(UnicodeDecodeError, LookupError):
                return value.decode(name)
    return value.decode("cp1252", errors="replace")
