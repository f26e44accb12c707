"""How fast the submit path is and what it costs, beside what others would write: `make bench`. Nothing here ships."""

import tools.local  # noqa: F401
