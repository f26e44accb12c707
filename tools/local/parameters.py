"""The template's parameters and the staff accounts for a made-up clinic on this machine."""

from dataclasses import dataclass

STACK_NAME = "clinic-leads-local"
CLINIC_PHONE = "(202) 555-0143"
SENDER = "leads@clinic.example.com"
RECIPIENTS = ("frontdesk@clinic.example.com", "nurse@clinic.example.com")
FALLBACK = ("owner@fallback.example.net",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A staff account of the local stack."""

    email: str
    role: str

    @property
    def password(self) -> str:
        """Easy to type. It protects nothing, because only this machine can reach the stack."""
        return f"{self.email.partition('@')[0]}-on-this-machine"


# One account of each role. The manager gets no alerts.
ACCOUNTS = (
    Account(email=RECIPIENTS[1], role="staff"),
    Account(email="manager@clinic.example.com", role="manager"),
)


def parameters(*origins: str) -> dict[str, str]:
    """Return the template's parameters for a local stack with a website at `origins`."""
    return {
        "AllowedOrigins": ",".join(origins),
        "ClinicPhone": CLINIC_PHONE,
        "ThankYouPages": ",".join(f"{origin}/thank-you" for origin in origins),
        "SenderAddress": SENDER,
        "CreateSenderIdentity": "yes",
        "AlertRecipients": ",".join(RECIPIENTS),
        "FallbackRecipients": ",".join(FALLBACK),
        "OpsEmail": "ops@clinic.example.com",
        "LogRetentionDays": "7",
        "Firewall": "no",  # the local AWS has no web ACL associations
        "Webhook": "yes",  # it sends nothing until somebody sets an address
        "SignInBranding": "no",  # the local AWS has no looks for its sign-in page
    }
