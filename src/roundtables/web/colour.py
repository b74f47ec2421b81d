"""
One accent per convener, and what follows from it. Pure.

A browser derives the rest from `--accent` by itself (static/style.css); e-mail and old browsers cannot, so the same two
clamps are computed here. Colours are sRGB; OKLCH after (https://bottosson.github.io/posts/oklab/).
"""

import re
from math import atan2, cos, hypot, sin

HEX = re.compile(r"#?([0-9a-fA-F]{6})")
LIGHT_LIMITS = (0.44, 0.17)  # at most this light, this colourful
DARK_LIMITS = (0.77, 0.085)  # at least this light, at most this colourful
MODERN = "(color:light-dark(red,red)) and (color:oklch(from red l c h))"

Rgb = tuple[float, float, float]  # linear light, 0 to 1
Lch = tuple[float, float, float]


def clean_hex(colour: str) -> str:
    """Six lower-case hex digits, without the hash. Raises ValueError for anything else."""
    found = HEX.fullmatch(colour)
    if found is None:
        raise ValueError("a colour is written as six hex digits")
    return found[1].lower()


def accent_css(colour: str) -> str:
    """The stylesheet at /accent/<six hex digits>.css: the one property a convener sets.

    Browsers that cannot derive the tint get the light one, clamped. Raises ValueError if `colour` is not a hex colour.
    """
    accent, (light, _) = clean_hex(colour), mail_tints(colour)
    return f":root{{--accent:#{accent}}}\n@supports not ({MODERN}){{:root{{--tint:{light}}}}}\n"


def mail_tints(colour: str) -> tuple[str, str]:
    """The accent as "#rrggbb" for light and for dark e-mail. Raises ValueError if it is not a hex colour."""
    lightness, chroma, hue = _lch(_linear(clean_hex(colour)))
    light = (min(lightness, LIGHT_LIMITS[0]), min(chroma, LIGHT_LIMITS[1]), hue)
    dark = (max(lightness, DARK_LIMITS[0]), min(chroma, DARK_LIMITS[1]), hue)
    return _hex(_rgb(light)), _hex(_rgb(dark))


def contrast(one: str, other: str) -> float:
    """The WCAG 2.2 contrast ratio of two hex colours, 1 to 21."""
    dim, bright = sorted(_luminance(_linear(clean_hex(colour))) for colour in (one, other))
    return (bright + 0.05) / (dim + 0.05)


def _luminance(rgb: Rgb) -> float:
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]


def _linear(digits: str) -> Rgb:
    r, g, b = (_to_linear(int(digits[i : i + 2], 16) / 255) for i in (0, 2, 4))
    return r, g, b


def _to_linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _to_byte(light: float) -> int:
    light = min(1.0, max(0.0, light))
    return round(255 * (12.92 * light if light <= 0.0031308 else 1.055 * float(light ** (1 / 2.4)) - 0.055))


def _hex(rgb: Rgb) -> str:
    return "#" + "".join(f"{_to_byte(channel):02x}" for channel in rgb)


def _lch(rgb: Rgb) -> Lch:
    r, g, b = rgb
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    middle = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, hypot(a, b), atan2(b, a)


def _rgb(lch: Lch) -> Rgb:
    lightness, a, b = lch[0], lch[1] * cos(lch[2]), lch[1] * sin(lch[2])
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
