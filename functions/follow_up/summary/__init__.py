"""The summary: one email that lists the requests whose own emails are over the budget."""
