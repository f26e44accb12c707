"""The pictures in docs/images: which ones the docs show, and how small we store them."""

import re
from io import BytesIO
from pathlib import Path

from PIL import Image

from tools.local.emulator import ROOT

IMAGES = ROOT / "docs" / "images"

# Device pixels per CSS pixel. At 1.5, text stays legible on a phone's screen and a file is half the size of one at 2.
SCALE = 1.5

# Our pages and emails use about ten colors. The others are the edges of letters.
_COLORS = 64
_REFERENCE = re.compile(r"""(?:src="|srcset="|\]\()([^")\s]+\.png)""")


def shown() -> set[Path]:
    """Return every PNG that the README or a file in docs shows."""
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    return {(page.parent / name).resolve() for page in pages for name in _REFERENCE.findall(page.read_text("utf-8"))}


def smaller(png: bytes) -> bytes:
    """Return the same picture with a palette instead of full color, about a quarter of the size."""
    with Image.open(BytesIO(png)) as picture:
        # Dithering would put dots around letters, and take more space.
        reduced = picture.convert("RGB").quantize(_COLORS, dither=Image.Dither.NONE)
    output = BytesIO()
    reduced.save(output, "PNG", optimize=True)
    return output.getvalue()
