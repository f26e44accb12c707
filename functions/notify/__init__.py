"""Sends the alert of each new lead as soon as it appears in the table's stream."""
