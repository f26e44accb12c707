"""Lower bound: the cost of the interpreter and Lambda's runtime without any code."""


def handler(_event: object, _context: object) -> dict[str, int]:
    """Return a response and do nothing else."""
    return {"statusCode": 201}
