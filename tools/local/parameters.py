"""The template's parameters for a made-up clinic on this machine."""

STACK_NAME = "clinic-leads-local"
CLINIC_PHONE = "(202) 555-0143"
SENDER = "leads@clinic.example.com"
RECIPIENTS = ("frontdesk@clinic.example.com", "nurse@clinic.example.com")
FALLBACK = ("owner@fallback.example.net",)


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
    }
