"""XML of survey tools, read without document types, entities or network."""

from __future__ import annotations

from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from twinimpact.errors import IngestError

MAX_TEXT = 256 * 1024 * 1024


def parse_xml(text: str, file: str = "") -> Element:
    """The root of an XML text.

    Raises
    ------
    IngestError
        If the text is damaged, too long, or declares a document type or entities.
    """
    if len(text) > MAX_TEXT:
        raise IngestError(
            "The XML file is larger than this program accepts.",
            where=file,
            expected=f"at most {MAX_TEXT // 2**20} MiB",
        )
    try:
        root: Element = ElementTree.fromstring(text.strip(), forbid_dtd=True)
    except DefusedXmlException as error:
        raise IngestError(
            "The XML file declares entities of its own, which survey tools never do.",
            where=file,
            hint="Do not use this file; export the answers again.",
        ) from error
    except (ParseError, ValueError) as error:
        raise IngestError(
            "The XML file is damaged or was not downloaded completely.",
            where=file,
            hint="Download the export again.",
        ) from error
    return root


def root_name(text: str) -> str:
    """Name of the root element as far as the first characters show it, ``""`` if none."""
    rest = text[:4_096].lstrip()
    while rest.startswith(("<?", "<!--")):
        end = "?>" if rest.startswith("<?") else "-->"
        rest = rest.partition(end)[2].lstrip()
    if not rest.startswith("<") or rest.startswith("<!"):
        return ""
    name = rest[1:].split(">", 1)[0].split()
    return name[0].rstrip("/") if name else ""


def content(element: Element) -> str:
    """All text inside an element."""
    return "".join(element.itertext()).strip()
