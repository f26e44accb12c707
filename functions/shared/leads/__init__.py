"""The domain: leads, and what is due next for them. The code is pure: it uses no AWS, environment or clock."""
