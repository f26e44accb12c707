"""What the answers of the desk work with. handler.py makes it once per process; tests make it with fakes."""

from collections.abc import Callable
from dataclasses import dataclass

from shared.leads.decisions import Rules
from shared.leads.person import Person
from shared.store.audit import Audit
from shared.store.leads import Leads


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The stores and the rules. `colleagues` returns everybody who may sign in, oneself included."""

    rules: Rules
    leads: Leads
    audit: Audit
    colleagues: Callable[[], tuple[Person, ...]]
