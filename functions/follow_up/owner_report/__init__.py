"""The report of the month before, by email to the clinic's owner."""
