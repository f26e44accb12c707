"""The clinic's own look: its accent color and its logo."""

from collections.abc import Mapping
from typing import Final, NamedTuple

# The built-in pages and emails have these colors: shared/web/pages/colors.css and shared/messages/look.html.
ACCENT: Final = "#1d6f62"
ACCENT_DARK: Final = "#6fcbb9"
WHITE: Final = "#ffffff"
DARK_PAPER: Final = "#172b27"
ENOUGH: Final = 4.5  # https://www.w3.org/TR/WCAG22/#contrast-minimum

_STEPS: Final = 100


class Logo(NamedTuple):
    """A picture in the folder of clinic.toml."""

    file: str

    @property
    def media_type(self) -> str:
        """The type of the picture: the build takes only these two."""
        return "image/svg+xml" if self.file.endswith(".svg") else "image/png"


class Look(NamedTuple):
    """The clinic's colors, such as "#0b6e4f", and its logo. None is what the pages have without settings."""

    accent: str | None = None
    accent_dark: str | None = None  # in dark mode; if None, a lighter `accent`
    logo: Logo | None = None

    @property
    def light(self) -> str:
        """The accent color of a page or an email on a white ground."""
        return self.accent or ACCENT

    @property
    def dark(self) -> str:
        """The accent color in dark mode."""
        if self.accent_dark:
            return self.accent_dark
        return toward(WHITE, self.accent, against=DARK_PAPER) if self.accent else ACCENT_DARK


NO_LOOK: Final = Look()


def look_of(section: Mapping[str, str]) -> Look:
    """Return the look that the section [look] of a checked clinic.toml describes."""
    logo = section.get("logo")
    return Look(section.get("accent"), section.get("accent_dark"), Logo(logo) if logo else None)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colors, from 1 to 21: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def toward(end: str, color: str, *, against: str) -> str:
    """Return the color nearest to `color`, on the way to `end`, that is readable on and under `against`."""
    start, stop = _parts(color), _parts(end)
    for step in range(_STEPS + 1):
        mixed = (round(a + (b - a) * step / _STEPS) for a, b in zip(start, stop, strict=True))
        found = "#" + "".join(f"{part:02x}" for part in mixed)
        if contrast(found, against) >= ENOUGH:
            return found
    return end


def _parts(color: str) -> tuple[int, ...]:
    return tuple(int(color[start : start + 2], 16) for start in (1, 3, 5))


def _luminance(color: str) -> float:
    red, green, blue = (
        part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - WCAG's numbers
        for part in _parts(color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
