"""Emails about leads: compose them, send them, and record the outcome."""
