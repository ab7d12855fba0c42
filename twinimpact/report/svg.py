"""Drawings made safe and equal from run to run before they go into a page.

The browser's SVG is read as XML and written again from an allow-list. Random ids get the
figure's own id, so two builds are equal and two charts on a page never clash.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree

from twinimpact.errors import RunError
from twinimpact.report.text import clean_text

SVG = "http://www.w3.org/2000/svg"
ELEMENTS = frozenset(
    {
        "svg", "g", "defs", "clipPath", "linearGradient", "radialGradient", "stop", "pattern",
        "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan",
    }
)  # fmt: skip
REFERENCED = frozenset({"clipPath", "linearGradient", "radialGradient", "pattern"})
UNWRAPPED = frozenset({"a"})
ATTRIBUTES = frozenset(
    {
        "id", "d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy", "dx",
        "dy", "width", "height", "viewBox", "points", "transform", "style", "fill", "fill-opacity",
        "fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "opacity",
        "stroke-linecap", "stroke-linejoin", "clip-path", "clip-rule", "text-anchor", "offset",
        "font-family", "font-size", "font-weight", "font-style", "stop-color", "stop-opacity",
        "gradientUnits", "gradientTransform", "patternUnits", "patternTransform",
        "clipPathUnits", "preserveAspectRatio", "overflow", "href",
    }
)  # fmt: skip
_LOCAL_URL = re.compile(r"url\(\s*[\"']?#([^\"')]+)[\"']?\s*\)")
_DECLARATION = re.compile(r"^[a-z-]+\s*:\s*[^;{}<>]*$")
_FONT = re.compile(r"font-family:[^;]*")
_QUIET = ("vector-effect: none", "white-space: pre", "pointer-events:", "cursor:", "user-select:")


def clean_svg(svg: str, identifier: str, label: str, font: str = "") -> str:
    """One drawing, ready to stand inside a page or a PDF.

    Parameters
    ----------
    svg
        What the browser drew.
    identifier
        The figure's id; prefix of every id in the drawing.
    label
        Alternative text; becomes ``aria-label``.
    font
        Font family for all text instead of the drawing's own, for PDF.

    Raises
    ------
    RunError
        If the text is not an SVG drawing or declares a document type.
    """
    if "<!DOCTYPE" in svg or "<!ENTITY" in svg:
        raise RunError("The drawing declares a document type.", where=identifier)
    try:
        root = ElementTree.fromstring(clean_text(svg))  # noqa: S314 - entities are refused above
    except ElementTree.ParseError as error:
        raise RunError("The drawing is not well-formed.", where=identifier) from error
    if root.tag != f"{{{SVG}}}svg":
        raise RunError("The drawing is not SVG.", where=identifier)
    ids = _new_ids(root, identifier)
    clean = _element(root, ids, font)
    if "viewBox" not in clean.attrib and "width" in clean.attrib:
        clean.set("viewBox", f"0 0 {clean.get('width')} {clean.get('height')}")
    clean.set("xmlns", SVG)
    clean.set("role", "img")
    clean.set("aria-label", label)
    return ElementTree.tostring(clean, encoding="unicode")


def _new_ids(root: ElementTree.Element, identifier: str) -> dict[str, str]:
    """Old to new id, only for ids that something points to."""
    used: set[str] = set()
    for element in root.iter():
        for name, value in element.attrib.items():
            used.update(_LOCAL_URL.findall(value))
            if name.rpartition("}")[2] == "href" and value.startswith("#"):
                used.add(value[1:])
    listed = [element.get("id", "") for element in root.iter() if element.get("id") in used]
    return {old: f"{identifier}-{number}" for number, old in enumerate(dict.fromkeys(listed), 1)}


def _element(
    element: ElementTree.Element, ids: Mapping[str, str], font: str
) -> ElementTree.Element:
    clean = ElementTree.Element(element.tag.rpartition("}")[2])
    for name, value in element.attrib.items():
        kept = _attribute(name.rpartition("}")[2], value, ids, font)
        if kept is not None:
            clean.set(name.rpartition("}")[2], kept)
    if clean.tag in ("text", "tspan"):
        clean.text = element.text
    for child in element:
        _append(clean, child, ids, font)
    return clean


def _append(
    clean: ElementTree.Element, child: ElementTree.Element, ids: Mapping[str, str], font: str
) -> None:
    tag = child.tag.rpartition("}")[2] if isinstance(child.tag, str) else ""
    if tag in ELEMENTS:
        made = _element(child, ids, font)
        if not _empty(made):
            clean.append(made)
            if clean.tag in ("text", "tspan"):
                made.tail = child.tail
    elif tag in UNWRAPPED:
        span = ElementTree.Element("tspan")
        span.text = "".join(child.itertext())
        clean.append(span)


def _empty(element: ElementTree.Element) -> bool:
    """Whether nothing would be drawn: plotly leaves dozens of empty layers behind."""
    if element.tag in ("g", "defs"):
        return not len(element)
    if element.tag == "path":
        return not element.get("d")
    return element.tag in REFERENCED and not element.get("id")


def _attribute(name: str, value: str, ids: Mapping[str, str], font: str) -> str | None:
    if name not in ATTRIBUTES or (name != "style" and _refers_outside(value)):
        return None
    if name == "id":
        return ids.get(value)
    if name == "href":
        return f"#{ids[value[1:]]}" if value.startswith("#") and value[1:] in ids else None
    if name == "style":
        parts = [part.strip() for part in value.replace("\n", " ").split(";")]
        kept = [
            part
            for part in parts
            if _DECLARATION.match(part)
            and not _refers_outside(part)
            and not part.startswith(_QUIET)
        ]
        value = "; ".join(kept)
        value = _FONT.sub(f"font-family: {font}", value) if font else value
    if name == "font-family" and font:
        value = font
    return _LOCAL_URL.sub(lambda found: f"url(#{ids.get(found[1], found[1])})", value) or None


def _refers_outside(value: str) -> bool:
    lowered = _LOCAL_URL.sub("", value).lower().replace(" ", "")
    return any(mark in lowered for mark in ("url(", "javascript:", "expression(", "@import"))
