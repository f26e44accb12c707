"""Progress messages: one line per step, with its duration."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print `title`, run the block and print its duration."""
    print(f"  {title} ...", end="", flush=True)
    started = time.monotonic()
    try:
        yield
    except KeyboardInterrupt:
        print(" stopped", flush=True)
        raise
    except BaseException:
        print(" failed", flush=True)
        raise
    print(f" {time.monotonic() - started:.1f} s", flush=True)


def say(text: str = "") -> None:
    """Print a line immediately, even if the output is a pipe."""
    print(text, flush=True)


def complain(text: str) -> None:
    """Print an error message."""
    print(text, file=sys.stderr, flush=True)
