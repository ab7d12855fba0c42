"""Seven pictures of two circles whose shared area grows in equal steps.

Two circles of radius r at centre distance d share, with x = d / r, the part
(2 arccos(x/2) − (x/2) √(4 − x²)) / π of the area of one. Greys are told apart in print:
the left circle is light, the shared part dark, the right circle white.
"""

from __future__ import annotations

import math
import struct
import zlib
from pathlib import Path
from typing import Any

SHARES = (0.0, 0.15, 0.30, 0.45, 0.60, 0.75, 0.90)
RADIUS = 50.0
LINE = 3.0
MARGIN = 4.0
WIDTH = 4 * RADIUS + 2 * MARGIN
HEIGHT = 2 * RADIUS + 2 * MARGIN
LEFT, SHARED, RIGHT, EDGE = 0xDD, 0x8C, 0xFF, 0x22


def shared_area(distance: float) -> float:
    """Share of a circle's area that another of the same radius covers.

    Parameters
    ----------
    distance
        Distance of the centres in radii, from 0 (the same circle) to 2 (touching).

    Examples
    --------
    >>> round(shared_area(0.0), 3), round(shared_area(2.0), 3)
    (1.0, 0.0)
    """
    if distance >= 2:
        return 0.0
    half = distance / 2
    return (2 * math.acos(half) - half * math.sqrt(4 - distance**2)) / math.pi


def centre_distance(share: float) -> float:
    """Distance of the centres, in radii, at which two circles share this part of their area.

    Examples
    --------
    >>> round(centre_distance(0.45), 4)
    0.8948
    """
    near, far = 0.0, 2.0
    for _ in range(60):  # bisection; the shared area falls as the distance grows
        middle = (near + far) / 2
        if shared_area(middle) > share:
            near = middle
        else:
            far = middle
    return (near + far) / 2


def picture_name(position: int) -> str:
    """File name of the picture at a position counted from 0."""
    return f"overlap_{position + 1}.png"


def svg_picture(position: int, alt: str) -> str:
    """One picture as SVG with its alternative text."""
    left, right = _centres(position)
    reach = math.sqrt(max(RADIUS**2 - ((right - left) / 2) ** 2, 0.0))
    middle, y = WIDTH / 2, HEIGHT / 2
    lens = ""
    if SHARES[position]:
        arc = f"A{RADIUS:g} {RADIUS:g} 0 0 1"
        lens = (
            f'<path d="M{middle:.3f} {y - reach:.3f} {arc} {middle:.3f} {y + reach:.3f} '
            f'{arc} {middle:.3f} {y - reach:.3f}Z" fill="{_grey(SHARED)}"/>'
        )
    rings = "".join(
        f'<circle cx="{x:.3f}" cy="{y:g}" r="{RADIUS:g}" fill="none" stroke="{_grey(EDGE)}" '
        f'stroke-width="{LINE:g}"/>'
        for x in (left, right)
    )
    words = alt.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" '
        f'role="img" aria-label="{words}"><title>{words}</title>'
        f'<circle cx="{right:.3f}" cy="{y:g}" r="{RADIUS:g}" fill="{_grey(RIGHT)}"/>'
        f'<circle cx="{left:.3f}" cy="{y:g}" r="{RADIUS:g}" fill="{_grey(LEFT)}"/>'
        f"{lens}{rings}</svg>\n"
    )


def png_picture(position: int, scale: float = 3.0) -> bytes:
    """One picture as a grey PNG; edges are smoothed by how far a pixel lies inside a circle."""
    import numpy as np

    left, right = _centres(position)
    columns = (np.arange(round(WIDTH * scale)) + 0.5) / scale
    rows = (np.arange(round(HEIGHT * scale)) + 0.5) / scale
    far = [np.hypot(columns[None, :] - x, rows[:, None] - HEIGHT / 2) for x in (left, right)]

    def inside(distance: Any, radius: float) -> Any:
        return np.clip((radius - distance) * scale + 0.5, 0.0, 1.0)

    filled = [inside(distance, RADIUS) for distance in far]
    grey = np.full((len(rows), len(columns)), 255.0)
    for cover, tone in (
        (filled[1], RIGHT),
        (filled[0], LEFT),
        (np.minimum(filled[0], filled[1]) if SHARES[position] else 0 * filled[0], SHARED),
    ):
        grey += (tone - grey) * cover
    for distance in far:
        ring = inside(distance, RADIUS + LINE / 2) - inside(distance, RADIUS - LINE / 2)
        grey += (EDGE - grey) * ring
    return _png(np.rint(grey).astype("uint8"))


def write_pictures(folder: Path, alts: tuple[str, ...]) -> tuple[Path, ...]:
    """Write all pictures as PNG and SVG."""
    written = []
    for position, alt in enumerate(alts):
        png = folder / picture_name(position)
        png.write_bytes(png_picture(position))
        svg = png.with_suffix(".svg")
        svg.write_text(svg_picture(position, alt), encoding="utf-8")
        written += [png, svg]
    return tuple(written)


def _centres(position: int) -> tuple[float, float]:
    distance = centre_distance(SHARES[position]) * RADIUS
    return WIDTH / 2 - distance / 2, WIDTH / 2 + distance / 2


def _grey(tone: int) -> str:
    return f"#{tone:02x}{tone:02x}{tone:02x}"


def _png(pixels: Any) -> bytes:
    """An 8-bit grey PNG of an array of shape (height, width)."""
    height, width = pixels.shape

    def chunk(name: bytes, data: bytes) -> bytes:
        check = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)

    lines = b"".join(b"\0" + row.tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(lines, 9))
        + chunk(b"IEND", b"")
    )
