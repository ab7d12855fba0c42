"""pretix: check-in lists and order positions, in any language of the shop.

An order code is not unique: several people share one. The secret of a ticket is, or the
order code with the number of the position. An empty ``Checked in`` means registered and not
seen at the door. Headers are translated, so the columns of a check-in list that no name
gives away are told by what they hold and by their place: price, checked in, checked out,
checked in automatically.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from twinimpact.ingest import shape
from twinimpact.ingest.guests import (
    NOT_ATTENDING,
    Guests,
    guest_draft,
    header_places,
    seen_at_door,
    word_set,
)
from twinimpact.ingest.records import Detection, Draft, Match
from twinimpact.ingest.source import RawTable
from twinimpact.ingest.synonyms import option

NAME = "pretix"
TITLE = "pretix (an attendance list)"
_HEADERS: Mapping[str, str] = {
    "order": "order code|bestellnummer|bestellcode|code de commande|código de la orden"
    "|código de pedido|código del pedido|codice ordine|codice dell'ordine|codice d'ordine"
    "|kód objednávky|kod zamówienia|numer zamówienia|rendelés kódja|rendelési kód"
    "|rendelésszám|bestelcode|bestelnummer",
    "name": "attendee name|name teilnehmer*in|teilnehmername|name des teilnehmers"
    "|name der teilnehmenden person|name der teilnehmer*in|nom du participant"
    "|nom de participant|nombre del asistente|nombre del participante|nome del partecipante"
    "|nome partecipante|jméno účastníka|meno účastníka|imię i nazwisko uczestnika"
    "|imię uczestnika|nazwa uczestnika|résztvevő neve|naam deelnemer|naam van de gast",
    "attended": "checked in|eingecheckt|enregistré|enregistré à l'entrée|check-in effettuato"
    "|registrato|registrado|ingresado|odbaveno|odbaven|odbavené|zameldowany|zameldowano"
    "|odprawiony|bejelentkezett|belépett|ingecheckt",
    "out": "checked out|ausgecheckt|sorti|uscito|check-out effettuato|salida registrada"
    "|wymeldowany|kijelentkezett|uitgecheckt",
    "auto": "automatically checked in|automatisch eingecheckt|enregistré automatiquement"
    "|registrado automáticamente|automatisch ingecheckt",
    "secret": "secret|ticket secret|geheimnis|ticket-geheimnis|ticketgeheimnis|code secret"
    "|secreto|código secreto|segreto|codice segreto|tajný kód|tajemství|sekret|tajny kod"
    "|titok|titkos kód|geheim",
    "position": "position id|position|positions-id|id de position|id de la position"
    "|id de posición|id posizione|id pozice|id pozycji|pozíció azonosító|positie-id",
    "pseudonym": "pseudonymization id|pseudonyme id|pseudonymisierungs-id"
    "|id de pseudonymisation|id de seudonimización|id pseudonimizzazione|id pseudonymizace"
    "|id pseudonimizacji",
    "status": "status|statut|estado|stato|stav|állapot",
    "event": "event slug|event|veranstaltungs-kurzform|kurzform der veranstaltung"
    "|veranstaltungskürzel|kurzform|veranstaltung|forme courte de l'événement|événement"
    "|evento|slug del evento|akce|wydarzenie|esemény|evenement",
    "attendee_email": "attendee email|attendee e-mail|e-mail teilnehmer*in|teilnehmer-e-mail"
    "|e-mail des teilnehmers|e-mail du participant|correo del asistente"
    "|e-mail del partecipante|e-mail účastníka|e-mail uczestnika|résztvevő e-mail címe",
    "email": "e-mail|email|e-mail address|e-mail-adresse|courriel|correo electrónico"
    "|adresse e-mail|e-mail cím|adres e-mail",
    "submitted": "order date|bestelldatum|date de commande|fecha de pedido|fecha de la orden"
    "|data ordine|data dell'ordine|datum objednávky|dátum objednávky|data zamówienia"
    "|rendelés dátuma|besteldatum",
    "price": "price|preis|prix|precio|prezzo|cena|ár|prijs",
}
_STATUS_OUT = word_set(
    "canceled|cancelled|expired|canceled (fully)|storniert|abgelaufen|vollständig storniert"
    "|annulé|annulée|expiré|expirée|cancelado|cancelada|expirado|vencido|annullato|cancellato"
    "|scaduto|zrušeno|zrušená|stornováno|vypršelo|zrušené|stornované|vypršané|anulowane"
    "|anulowano|wygasłe|wygasło|törölt|törölve|lejárt|sztornózva|geannuleerd|verlopen|c|e"
)
_OWN = word_set(
    "product|variation|tax rate|tax rule|tax value|company|voucher|voucher code|order time|paid"
    "|requires special attention|comment|order comment|seat id|seat name|seat zone|seat row"
    "|seat number|sales channel|order locale|e-mail address verified|payment providers"
    "|follow-up date|start date|end date|date|state|address|produkt|variante|steuersatz"
    "|steuerregel|steuerbetrag|firma|gutschein|gutscheincode|bestelluhrzeit|bezahlt"
    "|benötigt besondere behandlung|kommentar|bestellkommentar|sitzplatz-id|sitzbezeichnung"
    "|sitzbereich|sitzreihe|sitzplatz|verkaufskanal|bestellsprache|termin|beginn|ende"
    "|datum zur wiedervorlage|e-mail-adresse verifiziert|zahlungsanbieter"
)
_SECRET = re.compile(r"^[a-z0-9]{16,64}$")
_ORDER = re.compile(r"^[A-Z0-9]{3,16}$")
_PRICE = re.compile(r"^-?\d+[.,]\d{2}$")
_POSITION = re.compile(r"^\d{1,4}$")


def signature(table: RawTable) -> Match | None:
    """The order code beside the attendee's name, or tickets told by their secrets."""
    if len(table.rows) < 1:
        return None
    named = header_places(table.rows[0], _HEADERS)
    if {"order", "name"} <= set(named):
        variant = "order positions" if _is_positions(named) else "check-in list"
        shown = ", ".join(table.rows[0][named[one]].strip() for one in ("order", "name"))
        return Match(confidence=1.0, variant=variant, evidence=(f"columns {shown}",))
    told = _told_by_content(table)
    if told is None:
        return None
    return Match(
        confidence=0.8,
        variant="check-in list",
        evidence=(
            "order codes, prices and ticket secrets where a check-in list has them: columns "
            + ", ".join(table.rows[0][told[one]] for one in ("order", "price", "secret")),
        ),
    )


def normalise(tables: Sequence[RawTable], detection: Detection) -> Draft:
    """Tickets; cancelled and expired ones are not attending."""
    return guest_draft(guests(tables, detection))


def guests(tables: Sequence[RawTable], detection: Detection) -> Guests:
    """Tickets with their identity and what is known about the door."""
    table = shape.chosen(tables, detection)
    rows, _ = shape.body(table, 1)
    places = {**(_told_by_content(table) or {}), **header_places(table.rows[0], _HEADERS)}
    if detection.variant == "order positions":
        # nobody is checked in by an order, whatever a column is called
        places.pop("attended", None)
    places["email"] = places.get("attendee_email", places.get("email", -1))
    places = {key: place for key, place in places.items() if place >= 0}
    status = places.get("status")
    cancelled = [status is not None and shape.plain(row[status]) in _STATUS_OUT for row in rows]
    tickets, id_place = _tickets(rows, places)
    return Guests(
        table=table,
        detection=detection,
        places=places,
        tickets=tickets,
        id_place=id_place,
        states=tuple(NOT_ATTENDING if one else "complete" for one in cancelled),
        own=_OWN,
        there=seen_at_door(shape.column_cells(rows, places["attended"]))
        if "attended" in places
        else ("",) * len(rows),
    )


def _is_positions(named: Mapping[str, int]) -> bool:
    return "position" in named or ("pseudonym" in named and "attended" not in named)


def _tickets(rows: shape.Rows, places: Mapping[str, int]) -> tuple[Sequence[str], int | None]:
    """Identity of every ticket, and the column it stands in."""
    for one in ("secret", "pseudonym"):
        if one in places:
            cells = shape.column_cells(rows, places[one])
            if all(cells) and len(set(cells)) == len(cells):
                return cells, places[one]
    order, position = places.get("order"), places.get("position")
    orders = shape.column_cells(rows, order)
    if position is not None:
        numbers = shape.column_cells(rows, position)
        return tuple(f"{a}-{b}" for a, b in zip(orders, numbers, strict=True)), position
    return ("",) * len(rows), None


def _told_by_content(table: RawTable) -> dict[str, int] | None:
    """Columns of a check-in list whose headers are in a language nobody listed."""
    rows = [tuple(map(str.strip, row)) for row in table.rows[1:201]]
    width = len(table.rows[0])
    if not rows or width < 8 or not all(_ORDER.match(row[0]) for row in rows):
        return None
    columns = [[row[place] for row in rows] for place in range(width)]
    price = next((p for p in range(2, width) if _fits(_PRICE, columns[p])), None)
    secret = next(
        (
            p
            for p in range(2, width)
            if _fits(_SECRET, columns[p]) and len(set(columns[p])) == len(rows)
        ),
        None,
    )
    if price is None or secret is None or secret < price + 3:
        return None
    # Yes or No tells the column for automatic check-ins, two places after "Checked in"
    if not all(option("flag", cell) for cell in columns[price + 3]):
        return None
    found = {"order": 0, "name": 1, "price": price, "attended": price + 1, "out": price + 2,
             "auto": price + 3, "secret": secret}  # fmt: skip
    mail = next((p for p in range(width) if any("@" in cell for cell in columns[p])), None)
    return found if mail is None else {**found, "email": mail}


def _fits(pattern: re.Pattern[str], cells: Sequence[str]) -> bool:
    return all(pattern.match(cell) for cell in cells)
