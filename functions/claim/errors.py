"""The reasons why a link changes nothing. routes.py turns each into a page."""

from claim.view import View
from shared.leads.link import Link
from shared.leads.response import ClaimAction, Refusal


class FormerRecipientError(Exception):
    """The link's recipient is no longer on the clinic's list."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.link = link


class UnknownLeadError(Exception):
    """The link's lead was deleted."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.link = link


class ErasedLeadError(Exception):
    """The link's lead was erased. Nothing of it may be shown."""


class BadFormError(Exception):
    """The body of a request is not what a button sends. The error does not quote it."""


class RefusedError(Exception):
    """A press changes nothing. `repeated` is whether the same press was saved before."""

    def __init__(self, view: View, action: ClaimAction, refusal: Refusal, *, repeated: bool) -> None:
        super().__init__()
        self.view, self.action, self.refusal, self.repeated = view, action, refusal, repeated
