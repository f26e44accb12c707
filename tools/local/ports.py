"""Loopback ports: any free port for tests, fixed ports for people."""

import os
import random
import socket
from contextlib import suppress

HOST = "127.0.0.1"
_LISTENING = range(20_000, 32_000)  # Linux uses ports from 32768 for outgoing connections, other systems from 49152
_TRIES = 50


class PortTakenError(Exception):
    """A port is invalid or already in use. The text says which and what to do."""


def free_port() -> int:
    """Return a port that nothing listens on.

    The port is used only seconds later, and other runs may look for one in the meantime. So it is chosen at random, and
    below the ports that systems use for outgoing connections.
    """
    for port in random.sample(_LISTENING, _TRIES):
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise PortTakenError(f"None of {_TRIES} ports on {HOST} is free. Stop what uses them.")


def chosen_port(variable: str, default: int) -> int:
    """Return the port in the environment variable, or the default. Raises PortTakenError if it is in use."""
    text = os.environ.get(variable, str(default))
    if not text.isdecimal() or not 0 < int(text) <= 65535:  # noqa: PLR2004 - the largest port number
        raise PortTakenError(f"{variable}={text} is not a port number. Use a number from 1 to 65535.")
    port = int(text)
    with socket.socket() as probe:
        # As servers do, treat a port as free while its last connections are closing.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise PortTakenError(
                f"Port {port} on {HOST} is in use. Stop the program that uses it, or choose another port:"
                f" {variable}={port + 1000} make run"
            ) from error
    return port
