"""What ends a deployment: an error with words for the person at the terminal, or their own wish."""


class DeployError(Exception):
    """The deployment cannot go on. The text says why, and what to do next."""


class StoppedError(Exception):
    """The person did not want to go on, or their answers ended."""
