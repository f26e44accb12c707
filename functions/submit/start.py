"""Turns off garbage collection while `submit` starts, because a visitor waits. Its handler imports this first.

The objects of an imported module are never garbage. With garbage collection on, Python would look through them dozens
of times during the imports, which takes 128 M instructions of a cold start, and again in every full collection.
"""

import gc

gc.disable()


def over() -> None:
    """Turn garbage collection on after the imports. It skips the objects that exist now."""
    gc.freeze()
    gc.enable()
