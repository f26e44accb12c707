"""Scheduled: sends a synthetic request from the public API through to SES, to check that everything works."""
