"""The error of a wrong clinic.toml, or of a file beside it."""


class InvalidClinicError(Exception):
    """`clinic.toml` is invalid. The text says which setting, why, and what to do."""
