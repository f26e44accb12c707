"""What every export says: what it is for, which other companies handle the data, and where copies may be."""

from typing import Final, NamedTuple

MADE_FOR: Final = (
    "Everything that this system stores about the person who sent these requests, who has seen it, and where copies"
    " may be. It answers a request to confirm and access data under Washington's My Health My Data Act (RCW"
    " 19.373.040), and is the system's part of an answer under HIPAA (45 CFR 164.524, access; 45 CFR 164.528,"
    " accounting of disclosures)."
)


class Place(NamedTuple):
    """A place outside this system's table, and what to do about it."""

    place: str
    says: str


# RCW 19.373.040(1)(a) asks for a list of all third parties, with a way to reach each of them online.
THIRD_PARTIES: Final = tuple(
    each._asdict()
    for each in (
        Place(
            "Amazon Web Services, Inc.",
            "Stores the data and sends the emails for the clinic, as its processor."
            " https://aws.amazon.com/compliance/data-privacy/",
        ),
        Place(
            "The provider of each staff mailbox",
            "Keeps the emails about these requests. Each request has the ids of its recipients. The clinic adds the"
            " name of its email provider here.",
        ),
        Place(
            "Cloudflare, Inc., only if the clinic's form has a Turnstile widget",
            "Checks that a person sent the form. It gets a token and nothing that the person typed."
            " https://www.cloudflare.com/privacypolicy/",
        ),
        Place("Nobody else", "This system sells no data, and has no advertising, analytics or tracking."),
    )
)
COPIES: Final = tuple(
    each._asdict()
    for each in (
        Place(
            "Mailboxes of staff",
            "Emails about these requests stay there until somebody deletes them. Search each mailbox for the"
            " references.",
        ),
        Place(
            "The person's own mailbox",
            "A confirmation, if the timeline has confirmation_sent. It has the reference and nothing that they typed.",
        ),
        Place(
            "Backups of the table",
            "Point-in-time recovery keeps each change for 35 days. Nobody can read or change single items in it.",
        ),
        Place(
            "SES's suppression list",
            "The email address, if the timeline has confirmation_bounced or confirmation_complained.",
        ),
        Place(
            "Logs",
            "The ids and references of these requests, for as long as LogRetentionDays says. Nothing that the person"
            " typed.",
        ),
        Place(
            "Lists of emails that stand for several requests",
            "For seven days, the table has the ids of the requests that a summary listed.",
        ),
        Place(
            "Earlier exports",
            "Files that a colleague or an operator saved. The looks at this data have each export.",
        ),
    )
)
