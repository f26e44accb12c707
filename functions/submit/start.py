"""Imported before anything else by the handler that a visitor waits for: no garbage is looked for while it starts.

Modules are made of objects that stay. Python looks through them for garbage dozens of times while they are imported,
which takes 128 M instructions of a cold start, and would do so again in every full collection.
"""

import gc

gc.disable()


def over() -> None:
    """Say that all is imported: what is there by now is left alone, what requests leave behind is collected again."""
    gc.freeze()
    gc.enable()
