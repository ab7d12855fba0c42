"""Eventbrite: attendee reports. Refunded, cancelled and declined tickets do not count.

A row may stand for several tickets. ``Attending`` means registered; only ``Checked In``, or
a time of check-in, means that the person was there. Order and attendee numbers have eleven
digits and stay text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from twinimpact.ingest import shape
from twinimpact.ingest.guests import NOT_ATTENDING, Guests, guest_draft, header_places, word_set
from twinimpact.ingest.records import Detection, Draft, Match
from twinimpact.ingest.source import RawTable
from twinimpact.problems import Problem

NAME = "eventbrite"
TITLE = "Eventbrite (an attendance list)"
_HEADERS: Mapping[str, str] = {
    "order": "order #|order no.|order id|order number|bestellnr.|bestellnummer|bestellung nr."
    "|bestell-nr.|commande n°|n° de commande|nº de commande|numéro de commande|n.º de pedido"
    "|nº de pedido|número de pedido|pedido n.º|n. ordine|numero ordine|ordine n."
    "|numero dell'ordine|č. objednávky|číslo objednávky|nr zamówienia|numer zamówienia"
    "|rendelésszám|bestelnr.|bestelnummer",
    "attendee": "attendee #|attendee no.|attendee id|attendee number|barcode #|barcode"
    "|teilnehmernr.|teilnehmer-nr.|teilnehmernummer|teilnehmer nr.|participant n°"
    "|n° de participant|numéro de participant|nº du participant|n.º de asistente"
    "|nº de asistente|número de asistente|asistente n.º|n. partecipante|numero partecipante"
    "|partecipante n.|číslo účastníka|nr uczestnika|numer uczestnika|résztvevő száma"
    "|deelnemersnr.|deelnemernummer",
    "status": "attendee status|teilnehmerstatus|status der teilnehmenden|teilnahmestatus"
    "|statut du participant|statut de participant|estado del asistente|stato del partecipante"
    "|stato partecipante|stav účastníka|status uczestnika|résztvevő állapota"
    "|status van deelnemer|deelnemerstatus",
    "quantity": "quantity|ticket quantity|tickets|menge|anzahl|ticketanzahl|quantité|cantidad"
    "|quantità|množství|množstvo|ilość|mennyiség|aantal",
    "submitted": "order date|bestelldatum|date de commande|date de la commande"
    "|fecha del pedido|fecha de pedido|data ordine|data dell'ordine|datum objednávky"
    "|data zamówienia|rendelés dátuma|besteldatum",
    "event": "event id|event name|event|veranstaltung|name der veranstaltung|événement"
    "|nom de l'événement|evento|nombre del evento|nome evento|nome dell'evento",
    "attended": "date checked in|check-in date|checked in|checked in at|check-in time"
    "|check-in|check in date|eingecheckt|eingecheckt am|date d'enregistrement"
    "|fecha de registro de entrada|data check-in",
    "first_name": "first name|attendee first name|vorname|prénom|nombre|nome|křestní jméno"
    "|jméno|meno|imię|keresztnév|utónév|voornaam",
    "last_name": "last name|attendee last name|surname|nachname|nom de famille|nom|apellidos"
    "|apellido|cognome|příjmení|priezvisko|nazwisko|vezetéknév|achternaam",
    "name": "attendee name|name|teilnehmername|nom du participant|nombre del asistente",
    "email": "attendee email|email|e-mail|email address|e-mail-adresse|adresse e-mail"
    "|courriel|correo electrónico|indirizzo e-mail|indirizzo email|e-mailová adresa"
    "|adres e-mail|e-mail cím|e-mailadres|buyer email",
}
_OWN = word_set(
    "price tier|ticket type|ticket tier|group|order type|currency|total paid|fees paid"
    "|eventbrite fees|eventbrite payment processing|home state|billing state|affiliate"
    "|discount code|promo code|payment type|payment status|order notes|delivery method"
    "|ticket price|gross sales|net sales|event date|event start date|event timezone"
    "|ticketart|tickettyp|gruppe|bestellart|währung|gesamtbetrag|type de billet|devise"
    "|tipo de entrada|moneda|tipo di biglietto|valuta"
)
_OUT = word_set(
    "not attending|refunded|cancelled|canceled|deleted|transferred|declined|unpaid"
    "|nicht dabei|nimmt nicht teil|erstattet|zurückerstattet|storniert|abgesagt|gelöscht"
    "|ne participe pas|remboursé|remboursée|annulé|annulée|supprimé"
    "|no asistirá|no asiste|reembolsado|cancelado|cancelada|eliminado"
    "|non partecipa|rimborsato|annullato|cancellato|eliminato"
    "|neúčastní se|vráceno|refundováno|zrušeno|nezúčastní sa|vrátené|refundované|zrušené"
    "|nie uczestniczy|nie bierze udziału|zwrócono|anulowano|anulowane"
    "|nem vesz részt|visszatérítve|törölve|lemondva|komt niet|terugbetaald|geannuleerd"
)
_THERE = word_set(
    "checked in|eingecheckt|enregistré|enregistrée|registrado|registrado en la entrada"
    "|check-in effettuato|registrato|odbaven|odbaveno|odbavený|zameldowany|zameldowano"
    "|bejelentkezett|ingecheckt"
)
_COMING = word_set(
    "attending|registered|paid|teilnahme|nimmt teil|teilnehmend|angemeldet|participe|inscrit"
    "|présent|asistirá|asiste|inscrito|partecipa|partecipante|iscritto|účastní se|zúčastní se"
    "|zúčastní sa|uczestniczy|bierze udział|részt vesz|aanwezig|komt"
)


def signature(table: RawTable) -> Match | None:
    """An order number beside an attendee number or an attendee status."""
    named = header_places(table.rows[0], _HEADERS) if table.rows else {}
    shown = [one for one in ("order", "attendee", "status") if one in named]
    if "order" not in named or len(shown) < 2:
        return None
    names = ", ".join(table.rows[0][named[one]].strip() for one in shown)
    return Match(confidence=1.0, variant="attendee report", evidence=(f"columns {names}",))


def normalise(tables: Sequence[RawTable], detection: Detection) -> Draft:
    """Tickets; those given back are not attending."""
    return guest_draft(guests(tables, detection))


def guests(tables: Sequence[RawTable], detection: Detection) -> Guests:
    """Tickets with the status and number of people of each."""
    table = shape.chosen(tables, detection)
    rows, _ = shape.body(table, 1)
    places = header_places(table.rows[0], _HEADERS)
    status = [shape.plain(cell) for cell in shape.column_cells(rows, places.get("status"))]
    door = shape.column_cells(rows, places.get("attended"))
    # once one ticket was scanned, an unscanned one tells that its holder stayed away
    scanned = any(one in _THERE for one in status) or any(door)
    seen = ["yes" if one in _THERE or at else "no" for one, at in zip(status, door, strict=True)]
    tickets = shape.column_cells(rows, places.get("attendee"))
    known = "attendee" in places and all(tickets)
    return Guests(
        table=table,
        detection=detection,
        places={name: place for name, place in places.items() if name != "attendee"},
        tickets=tickets if known else ("",) * len(rows),
        id_place=places["attendee"] if known else None,
        states=tuple(NOT_ATTENDING if one in _OUT else "complete" for one in status),
        there=tuple(seen) if scanned else ("",) * len(rows),
        people=_people(rows, places),
        own=_OWN,
        problems=_unknown(table, status, places),
    )


def _unknown(
    table: RawTable, status: Sequence[str], places: Mapping[str, int]
) -> tuple[Problem, ...]:
    found = sorted({one for one in status if one and one not in _OUT | _THERE | _COMING})
    if not found:
        return ()
    column = table.rows[0][places["status"]].strip()
    words = ", ".join(found)
    return (shape.problem_in(table, "guests_unknown_status", got=words, column=column),)


def _people(rows: shape.Rows, places: Mapping[str, int]) -> tuple[str, ...]:
    """People per row. A number that only repeats how many rows an order has is theirs together."""
    numbers = shape.column_cells(rows, places.get("quantity"))
    orders = shape.column_cells(rows, places.get("order"))
    of_order = Counter(orders)
    return tuple(
        "" if number == str(of_order[order]) and of_order[order] > 1 else number
        for number, order in zip(numbers, orders, strict=True)
    )
