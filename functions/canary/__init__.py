"""Scheduled: a made-up request goes the whole way, from the public API to SES, to see that the way is open."""
