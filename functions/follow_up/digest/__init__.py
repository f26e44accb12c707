"""The daily digest email: its content, its schedule and how it is sent."""
