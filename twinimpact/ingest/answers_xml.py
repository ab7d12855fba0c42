"""Answers that survey tools write as XML, as the rows of a table."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from twinimpact.ingest import eusurvey_xml
from twinimpact.ingest.eusurvey_xml import XmlTable
from twinimpact.ingest.xml_text import parse_xml, root_name

NOT_SHOWN = "{question_not_shown}"
"""How LimeSurvey writes that a question was never shown."""

__all__ = ["NOT_SHOWN", "XmlTable", "read_answers"]


def read_answers(text: str, file: str = "") -> XmlTable | None:
    """The answers of an XML file, ``None`` if it holds no answers this program knows.

    Raises
    ------
    IngestError
        If the file is damaged or unsafe.
    """
    name = root_name(text)
    if name == "Results":
        return eusurvey_xml.read_results(parse_xml(text, file), file)
    if name == "document" and "<LimeSurveyDocType>Responses" in text[:4_096]:
        return _responses(parse_xml(text, file))
    return None


def _responses(root: Element) -> XmlTable:
    """The responses of a LimeSurvey archive; an element that is absent was never shown."""
    fields = [one.text or "" for one in root.iterfind("responses/fields/fieldname")]
    answers = [
        {cell.tag: "".join(cell.itertext()) for cell in row}
        for row in root.iterfind("responses/rows/row")
    ]
    fields = fields or list(dict.fromkeys(tag for row in answers for tag in row))
    tags = [_tag(name) for name in fields]
    rows = [tuple(row.get(tag, NOT_SHOWN) for tag in tags) for row in answers]
    return XmlTable(rows=(tuple(fields), *rows), numbers=tuple(range(len(rows) + 1)))


def _tag(name: str) -> str:
    """The element that holds a field: no digit comes first, and there are no hashes."""
    text = name.replace("#", "-")
    return f"_{text}" if text[:1].isdigit() else text
