"""Erases requests that somebody at the desk or an operator ordered to erase, and proves it."""
