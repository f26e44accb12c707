"""Imported by each handler before anything else: no garbage is looked for while the function starts.

Modules are made of objects that stay. Python looks through them for garbage dozens of times while they are imported,
which is a tenth of a cold start's instructions, and would do so again in every full collection.
"""

import gc

gc.disable()


def over() -> None:
    """Say that all is imported: what is there by now is left alone, what requests leave behind is collected again."""
    gc.freeze()
    gc.enable()
