"""`make bench`: compares speed and cost of the submit path with common alternatives. Nothing here ships."""

import tools.local  # noqa: F401
