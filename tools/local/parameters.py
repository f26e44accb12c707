"""The template's parameters on this machine: a made-up clinic."""

STACK_NAME = "clinic-leads-local"
CLINIC_PHONE = "(202) 555-0143"
SENDER = "leads@clinic.example.com"
RECIPIENTS = ("frontdesk@clinic.example.com", "nurse@clinic.example.com")
FALLBACK = ("owner@fallback.example.net",)


def parameters(*origins: str) -> dict[str, str]:
    """Return the template's parameters for a local stack whose site is at `origins`."""
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
    }
