"""What a bounce says about an email: it came back, it is late, its content is unwelcome, or nothing certain.

Types and subtypes: https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html. AWS adds
new ones, so a type that is not here counts as a bounce.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from shared.leads.notice import ReportKind

# AWS: "You may be able to send if you change the content". So we send the email again with the reference only.
_ABOUT_CONTENT: Final = {"MessageTooLarge", "ContentRejected", "AttachmentRejected"}

# Codes of failures: 4 begins a temporary one, 5 a permanent one. The status is an enhanced code (RFC 3463), such as
# 5.1.1, or only its beginning. The diagnostic has a reply code (RFC 5321), such as "smtp; 550 ..." or "... said:
# 550 ...", an enhanced code anywhere, or both.
_STATUS: Final = re.compile(r"^\s*([45])(?:[0-9]{2})?(?![0-9])")
_FIRST: Final = re.compile(r"(?:^\W*(?:smtp\W+)?|\bsaid:\s?)([45])[0-9]{2}(?=\s|-(?![0-9]{4})|$)", re.IGNORECASE)
_REPLY: Final = re.compile(
    r"(?:\bsaid:|(?<![\w.:/@+-]))([45])[0-9]{2}(?![\w/@]|:[0-9]|\.(?:[a-z]|[0-9]{3,})|-[0-9]{4})", re.IGNORECASE
)
_ENHANCED: Final = re.compile(r"(?<![0-9.])([45])\.[0-9]{1,3}\.[0-9]{1,3}(?!\.?[0-9])")
# Digits that are no code, although they may look like one. An IP address needs no rule: its parts are below 256. The
# possessive "++" keeps the search fast in a long text.
_NO_CODE: Final = re.compile(
    r"""
      (?<![\w.+=-]) [\w.+=-]++ @ [^\s<>]++  # an address or a message id
    | \b port \b [\s=:\#(]{0,3} [0-9]{1,5}
    | \b ports \s [0-9]{1,5} (?: (?:,\s?|\s(?:and|or)\s) [0-9]{1,5} )*
    | (?<![\w.]) (?:[0-9]{3}[ ])? [0-9]{3} [ -] [0-9]{4} (?!\w)  # a phone number
    | (?<!\w) [0-9]{1,9} \s? (?: % | (?:ms|s|sec|seconds?|min|minutes?|hours?|days?|bytes?|[kmg]i?b) \b )
    """,
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a delivery status notification (RFC 3464) says about one recipient. Empty where it says nothing."""

    action: str
    status: str
    diagnostic: str


def meaning_of(kind: str, subtype: str, evidence: Iterable[Evidence]) -> ReportKind | None:
    """Return what happened to an email with a bounce of this type, or None if the bounce is an automatic reply."""
    if kind == "Transient" and subtype in _ABOUT_CONTENT:
        return ReportKind.REJECTED
    undetermined = kind == "Undetermined"
    if not undetermined and (kind, subtype) != ("Transient", "General"):
        return ReportKind.BOUNCED  # including transient bounces: SES reports these after it gives up
    known = tuple(evidence)
    said = {_said(each) for each in known}
    for certain in (ReportKind.BOUNCED, ReportKind.DELAYED):
        if certain in said:
            return certain
    # AWS reports an out-of-office reply as Transient and General. It has no delivery status notification, so one that
    # we cannot read is no such reply.
    unread = any(each.action.strip() or each.status.strip() or each.diagnostic.strip() for each in known)
    return ReportKind.UNDETERMINED if undetermined or unread else None


def _said(evidence: Evidence) -> ReportKind | None:
    action = evidence.action.strip().lower()
    classes = _classes(evidence)
    if action == "failed" or "5" in classes:
        return ReportKind.BOUNCED
    if action == "delayed":  # a server further on is still trying
        return ReportKind.DELAYED
    # Without an action, a code of a temporary failure means that SES gave up.
    return ReportKind.BOUNCED if "4" in classes and not action else None


def _classes(evidence: Evidence) -> set[str]:
    """Return the first digits of all codes of failures."""
    status, first = evidence.status, _FIRST.findall(evidence.diagnostic)
    diagnostic = _NO_CODE.sub(" ", evidence.diagnostic)
    of_status = {*_STATUS.findall(status), *_ENHANCED.findall(status)}
    return {*of_status, *first, *_REPLY.findall(diagnostic), *_ENHANCED.findall(diagnostic)}
