"""A visitor's own words, apart from ours."""

import re
import unicodedata
from typing import Final, Literal, NamedTuple

from shared.messages.inert import inert

# Words that spam filters stop an email for. None is a name, so a name is never cut.
_STOPPED: Final = re.compile(
    r"""
      \b(?:adderall|ambien|ativan|cialis|hydrocodone|klonopin|levitra|oxycodone|percocet|phentermine|tramadol|valium
        |viagra|vicodin|xanax|pharma\w*|prescriptions?|medications?|bitcoins?|casinos?|lottery|jackpot|beneficiary
        |inheritance|millions?\ (?:of\ )?(?:dollars|usd)|dollars?|usd|dear\ friend|weight\ loss|work\ from\ home
        |risk\ free|no\ obligation|act\ now|free\ money|guaranteed|penis|enlarge\w*)\b
    | [$\u20ac\u00a3]{2,} | [$\u20ac\u00a3][ ]?\d[\d,.]* | \b\d{1,3}(?:,\d{3})+(?:\.\d+)?\b | !{2,}
    """,
    re.IGNORECASE | re.VERBOSE,
)


class Quote(NamedTuple):
    """Text that a visitor typed. Emails mark each of its lines, so none of them looks like our own sentence.

    `text` is for emails. `typed` is exactly what the visitor typed, for pages, which staff copy and search.
    """

    text: str
    typed: str = ""

    @classmethod
    def of(cls, typed: str) -> "Quote":
        """Return a quote of `typed` that no email client turns into a link."""
        return cls(inert(typed), typed)

    def for_later_emails(self) -> "Quote":
        """Return the quote for an email that must arrive whatever is in it. The first email has all of it."""
        return Quote(_STOPPED.sub("[...]", self.text))

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the text."""
        return tuple(self.text.splitlines()) or ("",)

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """The direction of the first letter that has one. Not all email clients can find out."""
        strong = (unicodedata.bidirectional(character) for character in self.text)
        return "rtl" if next((each for each in strong if each in {"L", "R", "AL"}), "L") != "L" else "ltr"


class Words(NamedTuple):
    """An answer in words: ours, or the visitor's own if `typed`."""

    text: str
    typed: bool = False
