"""Tells a receiver of the clinic's own, such as a chat channel or a pager, what happens to leads: docs/webhook.md."""
