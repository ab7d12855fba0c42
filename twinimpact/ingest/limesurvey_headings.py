"""Headings of LimeSurvey exports: the tool's own columns, codes, wordings, timings.

Headings are codes, wordings, wordings cut short, or both; the tool's own columns are written
in the language of the export. Those in German, French and Italian were seen in real files,
the others follow the tool's translations and may differ in a detail.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from twinimpact.ingest.markup import without_markup
from twinimpact.ingest.shape import plain

META_NAMES: Mapping[str, str] = {
    "id": "id|response id|antwort id|antwort-id|id de la réponse|id de respuesta|id risposta"
    "|id della risposta|antwoord id|antwoord-id|id da resposta|id odpowiedzi|id odpovědi"
    "|id odpovede|válasz id|válasz azonosító|svars-id|id răspuns|vastauksen id",
    "submitdate": "submitdate|date submitted|completed|datum abgeschickt|abgeschickt"
    "|date de soumission|fecha de envío|data invio|data di invio|datum ingestuurd"
    "|datum ingediend|data de envio|data de submissão|data wysłania|datum odeslání"
    "|dátum odoslania|beküldés dátuma|beküldve|data trimiterii|inskickat datum",
    "lastpage": "lastpage|last page|last page seen|letzte seite|dernière page|dernière page vue"
    "|última página|ultima pagina|laatste pagina|ostatnia strona|poslední stránka"
    "|posledná strana|posledná stránka|utolsó oldal|sista sidan",
    "startlanguage": "startlanguage|start language|start-sprache|startsprache|langue de départ"
    "|langue de début|lenguaje inicial|idioma inicial|lingua iniziale|starttaal|begintaal"
    "|język początkowy|výchozí jazyk|počáteční jazyk|počiatočný jazyk|kezdő nyelv|startspråk",
    "seed": "seed|zufallsstartwert|tête de série|graine|semilla|seme|semente|ziarno|zaadgetal",
    "token": "token|access code|zugangscode|zugangsschlüssel|code d'accès|code d’accès"
    "|código de acceso|codice di accesso|codice d'accesso|toegangscode|kod dostępu"
    "|přístupový kód|prístupový kód|hozzáférési kód|código de acesso",
    "startdate": "startdate|date started|datum gestartet|date de lancement|date de début"
    "|fecha de inicio|data inizio|data di inizio|datum gestart|startdatum|data rozpoczęcia"
    "|datum zahájení|dátum začatia|kezdés dátuma|data de início",
    "datestamp": "datestamp|date last action|datum letzte aktivität|date de la dernière action"
    "|fecha de la última acción|data dell'ultima azione|data ultima azione|datum laatste actie"
    "|data ostatniej akcji|datum poslední akce|dátum poslednej akcie|utolsó művelet dátuma"
    "|data da última ação",
    "ipaddr": "ipaddr|ip address|ip-adresse|adresse ip|dirección ip|indirizzo ip|ip-adres"
    "|adres ip|ip adresa|ip cím|endereço ip",
    "refurl": "refurl|referrer url|weiterleitungs-url|url de référence|url référente"
    "|url de referencia|url referente|verwijzende url|url odsyłający",
}
_META = {name: code for code, names in META_NAMES.items() for name in names.split("|")}
ROLES: Mapping[str, str] = {
    "id": "id", "submitdate": "submitted", "lastpage": "ignore", "startlanguage": "language",
    "seed": "ignore", "token": "token", "startdate": "started", "datestamp": "ignore",
    "ipaddr": "personal", "refurl": "personal", "email": "personal", "firstname": "personal",
    "lastname": "personal",
}  # fmt: skip
_CODE = r"\w+(?:\s?\[[^\]]*\])*"
_CODE_TEXT = re.compile(rf"^(?P<code>{_CODE})(?:\. |\._\.|\.$)(?P<text>.*)$", re.DOTALL)
_LETTER_CODE_TEXT = re.compile(rf"^[A-Za-z]{_CODE}(?:\. |\._\.)", re.DOTALL)
_BARE_CODE = re.compile(rf"^{_CODE}$")
_FIELD = re.compile(r"^_?\d+X\d+X\d+", re.IGNORECASE)
_SCALE = re.compile(r"(?<=\])\[[^\W\d_]+[ _]?(\d)\]$")
_CUT = ".."
_CUT_SHORTEST = 6
_TOTAL_TIME = frozenset(
    ("interviewtime", "total time", "gesamtzeit", "temps total", "tiempo total", "tempo totale",
     "totale tijd", "tempo total", "całkowity czas", "celkový čas", "teljes idő")
)  # fmt: skip
_PART_TIME = re.compile(
    r"^(?:(?:group|question) time: |gruppenzeit: |fragenzeit: |groepstijd: |vraagtijd: "
    r"|temps pour (?:le groupe(?: de questions)?|la question) ?: "
    r"|tempo per (?:il gruppo di domande|la domanda|l)\W*: |tempo per l"
    r"|tiempo (?:del grupo|de la pregunta) ?: |grouptime\d+$|\d+x\d+(?:x\w+)?time$)"
)
_OTHER_TIME = re.compile(r"^\D{4,40}: \S", re.DOTALL)
_SECONDS = re.compile(r"^\d+(?:[.,]\d+)?$")


def meta_code(name: str) -> str:
    """The tool's own name of one of its columns, from any heading style or language."""
    text = plain(name)
    if text in _META:
        return _META[text]
    spaced = plain(name.replace("_", " "))
    if spaced in _META:
        return _META[spaced]
    match = _CODE_TEXT.match(text)
    if match and match["code"] in META_NAMES:
        return str(match["code"])
    return _cut_meta(spaced)


def _cut_meta(text: str) -> str:
    """``date last actio..`` is ``date last action``; a beginning of two names is neither."""
    stem = text.removesuffix(_CUT)
    if stem == text or len(stem) < _CUT_SHORTEST:
        return ""
    found = {code for name, code in _META.items() if name.startswith(stem)}
    return found.pop() if len(found) == 1 else ""


def parse_heading(name: str, variant: str) -> tuple[str, str]:
    """Question code and wording of a heading; without a code the heading is both.

    >>> parse_heading("eff[SQ1]. How far? [In town]", "code_text")
    ('eff[SQ1]', 'How far? [In town]')
    """
    if code := meta_code(name):
        return code, name
    if variant == "code_text" and (match := _CODE_TEXT.match(name)):
        text = without_markup(match["text"])
        if text.startswith("[") and text.endswith("]") and text.count("[") == 1:
            text = text[1:-1].strip()
        return _canonical(match["code"]), text
    if variant in ("code", "fields"):
        return _canonical(name) if _BARE_CODE.match(name) else name, name
    return name, without_markup(name)


def _canonical(code: str) -> str:
    """A code without spaces and words: ``Q [SQ1][Skala 1]`` is ``Q[SQ1][1]``."""
    return scale_number(code.strip()).replace(" ", "")


def scale_number(heading: str) -> str:
    """A heading of a question with two scales, without the word for "scale".

    >>> scale_number("How far? [In town][Scale 2]")
    'How far? [In town][2]'
    """
    return _SCALE.sub(r"[\1]", heading)


def variant_of(names: Sequence[str]) -> str:
    """``code_text``, ``code``, ``fields`` (of the data base), ``abbreviated`` or ``text``."""
    others = [name for name in names if name and not meta_code(name) and not is_timing(name)]
    if not others:
        return "code"
    enough = 0.6 * len(others)
    if sum(1 for name in others if _FIELD.match(name)) > enough:
        return "fields"
    if sum(1 for name in others if _CODE_TEXT.match(name)) > enough:
        return "code_text"
    if sum(1 for name in others if _BARE_CODE.match(name)) > enough:
        return "code"
    if sum(1 for name in others if _CUT in name) > enough:
        return "abbreviated"
    return "text"


def is_coded(name: str) -> bool:
    """Whether a heading has the form ``code. text``."""
    return _LETTER_CODE_TEXT.match(name) is not None


def is_field(name: str) -> bool:
    """Whether a name is that of a column of the data base: ``123X4X5SQ001``."""
    return _FIELD.match(name) is not None


def is_timing(name: str) -> bool:
    """Whether a heading is that of a time, in seconds, the answers took."""
    text = plain(name)
    return text in _TOTAL_TIME or _PART_TIME.match(text) is not None


def is_total_time(name: str) -> bool:
    """Whether a heading is that of the time of the whole questionnaire."""
    return plain(name) in _TOTAL_TIME


def is_other_timing(name: str, cells: Sequence[str]) -> bool:
    """Whether a column beside the total time is one too, in a language not listed here."""
    filled = [cell for cell in cells if cell]
    return (
        _OTHER_TIME.match(name) is not None
        and bool(filled)
        and all(_SECONDS.match(cell) for cell in filled)
    )
