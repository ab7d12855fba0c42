"""Columns that hold personal data, found by their header and by their content.

Better one column too many than one too few: a column found here is dropped before
anything is stored, unless the mapping says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from twinimpact.ingest.cells import Grid

_EXACT = frozenset(
    """
    name|full name|first name|firstname|last name|lastname|surname|family name|given name
    your name|vorname|nachname|familienname|vollständiger name|ihr name|nom|prénom|nom complet
    nombre|apellido|apellidos|nombre completo|nome|cognome|nome completo|apelido|naam|voornaam
    achternaam|imię|nazwisko|imię i nazwisko|jméno|příjmení|meno|priezvisko|név|prenume|namn
    efternamn|navn|etunimi|sukunimi|nimi|ime|prezime|όνομα|επώνυμο|recipientfirstname
    recipientlastname|recipient first name|recipient last name|attendee name|respondent name
    email|e-mail|mail|email address|e-mail address|e mail|emailaddress|recipientemail
    recipient email|your email|e-mail-adresse|email-adresse|emailadresse|mailadresse
    adresse e-mail|adresse mail|adresse email|courriel|adresse de messagerie|correo
    correo electrónico|dirección de correo electrónico|posta elettronica|indirizzo email
    indirizzo e-mail|endereço de e-mail|endereço de email|e-mailadres|adres e-mail
    adres email|e-mailová adresa|e-mail-cím|adresă de e-mail|e-postadress|e-mailadresse
    sähköpostiosoite|sähköposti|e-pošta|nome de utilizador|nom d'utilisateur|nombre de usuario
    username|user name|user|nutzername|benutzername|benutzer|nome utente|gebruikersnaam
    nazwa użytkownika|uživatelské jméno|_submitted_by|submitted_by|submitterid|submittername
    submitter name|user id|userid|phone|phone number|phonenumber|telephone|telephone number
    mobile|mobile number|mobile phone|cell phone|telefon|telefonnummer|handy|handynummer
    mobilnummer|téléphone|numéro de téléphone|portable|teléfono|móvil|telefono|cellulare
    telefone|telemóvel|telefoonnummer|numer telefonu|puhelin|devicephonenum|phone_number
    address|home address|postal address|street|street address|adresse|anschrift|straße
    strasse|postanschrift|dirección|indirizzo|morada|adres|ip|ip address|ipaddress|ipaddr
    ip-adresse|adresse ip|dirección ip|indirizzo ip|endereço ip|ip-adres|adres ip
    deviceid|device id|device_id|simid|simserial|sim_serial|subscriberid|subscriber_id|imei
    androidid|network id|externalreference|external reference|externaldatareference
    external data reference|custom data 1|referrer url|refurl|referer|latitude|longitude
    altitude|gps|geopoint|geolocation|_geolocation|locationlatitude|locationlongitude|coordinates
    date of birth|dateofbirth|birthdate|birthday|geburtsdatum|date de naissance
    fecha de nacimiento|data di nascita|signature|unterschrift|passport number|id number
    vor- und nachname|name und vorname|name, vorname|nom et prénom|nombre y apellidos
    """.replace("\n", "|")
    .replace("    ", "")
    .split("|")
) - {""}
_GPS_PART = re.compile(r"(?:^|/)_.+_(?:latitude|longitude|altitude|precision)$")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)")
_IPV6 = re.compile(r"(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{1,4}|[0-9a-fA-F:]*::[0-9a-fA-F:]+")
_PHONE = re.compile(r"\+\d[\d ()/.-]{6,18}\d|0\d{1,5}[ /-]\d[\d ()/-]{3,14}\d")
_POINT = re.compile(r"-?\d{1,2}\.\d{2,}[ ,;]\s*-?\d{1,3}\.\d{2,}(?:\s+-?\d+(?:\.\d+)?){0,2}")
_WHOLE_CELL = (_IPV4, _IPV6, _PHONE, _POINT)
_SAMPLE = 200
_SHARE = 0.5


def personal_by_name(name: str) -> bool:
    """Whether a header, alone, names personal data: names, addresses, devices, places."""
    plain = " ".join(name.casefold().split()).strip(" :*?.")
    last = plain.rsplit("/", 1)[-1].strip()
    return plain in _EXACT or last in _EXACT or _GPS_PART.search(plain) is not None


def personal_field(wording: str, cells: Sequence[str]) -> bool:
    """Whether a question or one field of it asks for a name, an address or the like.

    "E-mail" may also be a box to tick or a row to rate: then its answers repeat.
    """
    if not personal_by_name(wording):
        return False
    filled = [cell.casefold() for cell in cells if cell]
    different = set(filled) - {wording.casefold()}
    return len(different) > _SHARE * len(filled)


def personal_by_content(rows: Sequence[tuple[str, ...]], skip: frozenset[int]) -> frozenset[int]:
    """Positions of columns whose cells look like e-mail, IP or phone numbers, or places.

    One e-mail address anywhere is enough; the other patterns must fit half of the filled
    cells. Positions in ``skip`` are not looked at.
    """
    if not rows:
        return frozenset()
    grid = Grid.of(rows)
    first = grid[:_SAMPLE]
    found: set[int] = set()
    for place, column in enumerate(grid.columns):
        if place in skip:
            continue
        if column.mentions("@") and any("@" in t and _MAIL.search(t) for t in column.distinct()):
            found.add(place)
            continue
        filled = [text for cell in first.columns[place] if (text := cell.strip())]
        if any(_mostly(pattern, filled) for pattern in _WHOLE_CELL):
            found.add(place)
    return frozenset(found)


def _mostly(pattern: re.Pattern[str], cells: list[str]) -> bool:
    if not cells:
        return False
    return sum(1 for cell in cells if pattern.fullmatch(cell)) >= _SHARE * len(cells)
