"""What the page of the report says."""

from typing import Final

ABOUT: Final = (
    "These are the requests that came in during the month, in your clinic's time, with what came of them until now."
    " The page shows no names. A request that was erased is in no number."
)
ABOUT_FILES: Final = (
    "Each file opens in a spreadsheet. It has names and contact details, so keep it safe. It has no messages and no"
    " answers about health. Requests that were deleted since are in no file. Each download is in the audit."
)


def file_label(first: int, last: int, count: int) -> str:
    """Return the label of a file's button. It says how far the files before it came."""
    return f"Requests {first:,} to {last:,} of {count:,}"
