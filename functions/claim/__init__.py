"""The links in emails to staff: each opens a small page with a button that saves the choice."""
