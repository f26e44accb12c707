"""Scheduled: handles what is due on the agenda. It retries every alert that the stream missed."""
