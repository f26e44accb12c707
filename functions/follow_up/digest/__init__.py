"""The daily digest email: what it says, when it is due, how it is sent."""
