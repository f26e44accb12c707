"""The identities of SES that an address can be sent from, or reached at in the sandbox."""


def identities_of(address: str) -> tuple[str, ...]:
    """Return an address, its domain and the domains above it. SES lets the most exact one that it knows decide.

    A domain that is verified covers its subdomains. The last label is not asked for: nobody can verify "com".
    """
    labels = address.rpartition("@")[2].split(".")
    domains = (".".join(labels[start:]) for start in range(len(labels) - 1))
    return tuple(dict.fromkeys((address, *domains)))
