"""Print the options of SAM commands as JSON: `python sam_options.py "logs" "remote invoke"`.

Run by the SAM CLI's own Python (see test_documented_sam.py), which is not in the project's environment.
"""

import json
import sys

import click
from samcli.cli.main import cli  # type: ignore[import-not-found] # not in our environment


def options(path: str) -> list[str] | None:
    """Return the options of a command, or None if there is no such command."""
    command = cli
    for name in path.split():
        # Give the context an `obj`, as a real run does. Without it, the SAM CLI returns commands that have no options.
        context = click.Context(command, obj=object())
        found = command.get_command(context, name) if hasattr(command, "get_command") else None
        if found is None:
            return None
        command = found
    return [option for each in command.params for option in (*each.opts, *each.secondary_opts)]


print(json.dumps({path: options(path) for path in sys.argv[1:]}))  # noqa: T201 - read by the test
