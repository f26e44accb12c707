"""Lower bound: what the interpreter and Lambda's runtime cost before any code does anything."""


def handler(_event: object, _context: object) -> dict[str, int]:
    """Answer, and nothing else."""
    return {"statusCode": 201}
