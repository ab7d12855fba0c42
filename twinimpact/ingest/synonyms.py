"""What columns and options are called in real files.

Canonical names always work, in any case and with spaces for underscores. English and
German are complete; the other languages hold the most usual headers. Names are compared
by :func:`twinimpact.ingest.values.fold`, so case, accents and punctuation do not matter.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from twinimpact import entities as e
from twinimpact.ingest.values import fold, parse_age_band
from twinimpact.schema import TABLES

HEADERS: Mapping[str, Mapping[str, str]] = {
    "towns": {
        "town_id": "id|town code|key|ort id|stadt id|gemeinde id|kürzel|schlüssel|ville id",
        "name": "town|town name|municipality|city|stadt|ort|gemeinde|kommune|ville|commune|město|"
        "obec|miasto|gmina|város|település|comune|città|municipio|ciudad|mesto",
        "country": "country code|land|staat|ländercode|pays|země|kraj|ország|paese|país|krajina",
        "population": "inhabitants|residents|einwohner|einwohnerzahl|bevölkerung|habitants|"
        "population totale|obyvatelé|počet obyvatel|ludność|mieszkańcy|lakosság|abitanti|"
        "habitantes|población|počet obyvateľov",
        "population_year": "year of population|einwohner stand|stand einwohner|bevölkerungsjahr|"
        "jahr",
        "local_code": "lau|nuts3|ags|insee|code insee|gemeindeschlüssel|regionalschlüssel",
        "lat": "latitude|breite|breitengrad|geogr breite",
        "lon": "longitude|lng|länge|längengrad|geogr länge",
        "languages": "language|sprache|sprachen|langues|jazyky|języki",
    },
    "partnerships": {
        "partnership_id": "id|partnership code|key|partnerschaft id|kürzel|schlüssel|nr",
        "name": "partnership|partnership name|title|partnerschaft|bezeichnung|titel|jumelage|"
        "partnerství|partnerstwo|gemellaggio|hermanamiento",
        "town_a": "town|reporting town|own town|our town|eigene stadt|stadt a|stadt|ort a|gemeinde",
        "town_b": "partner town|twin town|partner|partnerstadt|partnergemeinde|stadt b|ort b|"
        "ville jumelée|partnerské město|miasto partnerskie|testvérváros|città gemellata",
        "further_towns": "more towns|other towns|further members|weitere städte|weitere orte",
        "comparison_towns": "comparison town|vergleichsstädte|vergleichsstadt|vergleichsorte",
        "form": "legal form|form der partnerschaft|rechtsform|rechtliche form",
        "basis": "document|grundlage|rechtsgrundlage",
        "date_signed": "signed|since|year signed|year|unterzeichnet|seit|gründungsjahr|"
        "datum der unterzeichnung|jahr|depuis|od|rok|dal",
        "date_ended": "ended|until|beendet|ende|bis",
        "status": "state|zustand|stand",
        "aims": "aim|goals|objectives|ziele|ziel|zwecke|objectifs|cíle|cele|célok|obiettivi",
    },
    "activities": {
        "activity_id": "id|event id|activity|event number|no|nr|nummer|veranstaltungsnummer|"
        "veranstaltungs id|kennung|lfd nr|laufende nummer",
        "partnership_id": "partnership|link|partnerschaft|städtepartnerschaft|jumelage|partnerství|"
        "partnerstwo|partnerség|gemellaggio|hermanamiento|partnerstvo",
        "title": "name|event|activity title|event title|titel|bezeichnung|veranstaltung|titre|"
        "intitulé|název|nazwa|tytuł|cím|megnevezés|titolo|título|názov",
        "type": "kind|event type|activity type|art|typ|veranstaltungsart|art der veranstaltung|"
        "type d activité|druh|rodzaj|típus|tipo",
        "themes": "theme|topic|topics|thema|themen|themenfeld|themenfelder|bereich|thèmes|thème|"
        "témata|téma|tematy|temat|témák|temi|tema|temas|témy",
        "cerv_type": "cerv category|cerv art|cerv typ",
        "start_date": "date|start|from|day|first day|datum|beginn|von|anfang|startdatum|"
        "date de début|"
        "datum von|datum konání|data|kezdet|dátum|data inizio|fecha|fecha de inicio|début",
        "end_date": "end|to|until|last day|ende|bis|enddatum|datum bis|date de fin|fin|konec|"
        "koniec|vége|data fine|fecha de fin",
        "hours": "duration|duration hours|hours of programme|stunden|dauer|dauer in stunden|"
        "programmstunden|heures|durée|hodiny|godziny|órák|ore|horas",
        "host_town_id": "host|host town|place|venue|town|gastgeber|gastgeberstadt|"
        "gastgebende stadt|"
        "ort|austragungsort|lieu|ville hôte|místo|miejsce|helyszín|luogo|lugar|miesto|hostitel",
        "organiser_towns": "organiser|organisers|organizer|organizers|veranstalter|ausrichter|"
        "organisateur|pořadatel|organizator|szervező|organizzatore",
        "mode": "format|attendance mode|form|durchführung|durchführungsform|veranstaltungsform",
        "status": "state|stand|zustand|durchgeführt|statut|stav|állapot|stato|estado",
        "is_public": "public|open to the public|öffentlich|öffentlich zugänglich",
        "planned_participants": "planned|expected participants|participants planned|geplante "
        "teilnehmende|erwartete teilnehmende|teilnehmende geplant|geplante teilnehmer|"
        "plan teilnehmende",
        "participants": "participations|attendance|attendees|number of participants|participants "
        "total|headcount|head count|teilnehmende|teilnehmer|teilnehmerzahl|anzahl teilnehmende|"
        "teilnehmende gesamt|besucher|participants|nombre de participants|účastníci|"
        "počet účastníků|"
        "uczestnicy|liczba uczestników|résztvevők|partecipanti|participantes|účastníci spolu",
        "cost_total": "cost|costs|total cost|kosten|gesamtkosten|ausgaben|coûts|coût total|náklady|"
        "koszty|költségek|costi|costes",
        "currency": "währung|devise|měna|waluta|pénznem|valuta|moneda|mena",
        "volunteer_hours": "volunteering hours|ehrenamtsstunden|ehrenamtliche stunden|"
        "freiwilligenstunden",
        "indirect_reach": "reach|indirect audience|indirekte reichweite|reichweite|"
        "indirekt erreicht",
        "indirect_method": "reach method|method|methode|methode der reichweite|schätzmethode|"
        "reichweite methode",
    },
    "attendance": {
        "activity_id": "activity|event|event id|event number|veranstaltung|veranstaltungs id|"
        "veranstaltungsnummer|aktivität|nr|événement|akce|wydarzenie|esemény|evento|podujatie",
        "participant_id": "participant|person|person id|token|participant code|teilnehmer id|"
        "teilnehmende person|teilnehmer|teilnehmerin|teilnehmer nr|kennung|personenkennung",
        "count": "number|people|head count|headcount|anzahl|personen|zahl|teilnehmende|nombre|"
        "počet|"
        "liczba|létszám|numero|número",
        "registered": "registrations|signed up|angemeldet|anmeldungen",
        "attended": "present|was present|checked in|anwesend|teilgenommen|erschienen|présent|"
        "přítomen|"
        "obecny|jelen|presente|prítomný",
        "town_id": "town|home town|stadt|ort|wohnort|heimatort|heimatstadt|gemeinde|ville|město|"
        "miasto|város|città|ciudad|mesto",
        "country": "home country|land|herkunftsland|pays|země|kraj|ország|paese|país|krajina",
        "gender": "sex|geschlecht|genre|sexe|pohlaví|płeć|nem|genere|género|pohlavie",
        "age_band": "age|age group|alter|altersgruppe|altersklasse|âge|tranche d âge|věk|wiek|kor|"
        "korcsoport|età|edad|vek",
        "role": "capacity|function|rolle|funktion|eigenschaft|tätigkeit|rôle|fonction|funkce|rola|"
        "szerep|ruolo|rol|funkcia",
        "margin_set": "set|margin|count set|zählung|gliederung|aufgliederung",
        "capacity_role": "part|part played|invited or local|teilnahmeart|teilnahme als",
        "evidence": "proof|nachweis|beleg",
        "hours": "stunden|heures|hodiny|godziny",
        "days": "tage|jours|dny|dni",
    },
    "responses": {
        "response_id": "response|respondent id|antwort id|fragebogen nr|fragebogennummer",
        "date": "date of answers|datum|date de réponse|fecha",
        "participant": "participant id|participant token|teilnehmer id|teilnehmerkennung",
        "code": "personal code|self generated code|persönlicher code|sgic",
        "town": "town id|home town|heimatstadt|heimatort|wohnort|stadt|gemeinde",
        "partnership": "partnership id|partnerschaft|städtepartnerschaft",
        "wave": "measurement|time point|welle|messzeitpunkt|befragung",
        "arm": "study group|studiengruppe",
        "gender": "sex|geschlecht|genre|sexe|pohlaví|płeć|nem|genere|género|pohlavie",
        "age_band": "age|age group|alter|altersgruppe|altersklasse|âge|tranche d âge",
        "birth_year": "year of birth|geburtsjahr|année de naissance|rok narození|rok urodzenia",
        "role": "capacity|funktion|rolle|eigenschaft",
        "language": "lang|sprache|questionnaire language|fragebogensprache",
        "consent": "agreement|einwilligung|einverständnis|consentement|souhlas|zgoda|consenso",
    },
}  # fmt: skip

OPTIONS: Mapping[str, Mapping[str, str]] = {
    "gender": {
        "female": "f|w|woman|women|girl|weiblich|frau|frauen|femme|žena|kobieta|nő|donna|mujer",
        "male": "m|man|men|boy|männlich|mann|männer|homme|muž|mężczyzna|férfi|uomo|hombre",
        "non_binary": "nonbinary|diverse|other|d|x|divers|nicht binär|andere|non binaire",
        "undisclosed": "prefer not to say|no answer|unknown|not stated|keine angabe|k a|unbekannt|"
        "möchte ich nicht sagen|na|n a",
    },
    "role": {
        "citizen": "resident|member of the public|bürger|bürgerin|bürger in|"
        "bürgerinnen und bürger|einwohner",
        "volunteer_organiser": "volunteer|organiser|volunteer organizer|ehrenamtliche|ehrenamt|"
        "ehrenamtlich|organisationsteam|freiwillige",
        "elected_official": "councillor|mayor|politician|elected|ratsmitglied|stadtrat|stadträtin|"
        "bürgermeister|bürgermeisterin|gewählt|mandatsträger|mandatsträgerin|élu",
        "municipal_staff": "town staff|municipal officer|administration|verwaltung|stadtverwaltung|"
        "verwaltungsmitarbeitende|mitarbeitende der verwaltung|gemeindeverwaltung",
        "institution_employee": "institution|employee of an institution|einrichtung|"
        "institution mitarbeitende",
        "expert": "specialist|fachleute|fachperson|experte|expertin|fachkraft",
        "business": "entrepreneur|company|unternehmen|unternehmer|unternehmerin|wirtschaft",
        "teacher": "lehrer|lehrerin|lehrkraft|lehrkräfte|enseignant",
        "pupil_student": "pupil|student|pupils|students|schüler|schülerin|schülerinnen und schüler|"
        "studierende|student in|élève",
        "association": "club|association member|verein|vereinsmitglied|vereine|verband",
        "artist": "musician|künstler|künstlerin|musiker|musikerin",
        "athlete": "sportsperson|sportler|sportlerin|sportlerinnen und sportler",
        "other": "else|andere|sonstige|sonstiges|anderes|autre",
        "undisclosed": "prefer not to say|no answer|unknown|keine angabe|k a|unbekannt|na|n a",
    },
    "arm": {
        "participant": "participants|twinning|treatment|intervention|took part|teilnehmende|"
        "teilnehmer|"
        "teilnehmerin|teilnahme|teilgenommen",
        "comparison_peer": "peer|peers|comparison peers|bekannte|vergleich bekannte|"
        "vergleichsperson",
        "comparison_waitlist": "waitlist|waiting list|wait list|warteliste|vergleich warteliste",
        "comparison_town": "comparison|control|control group|comparison group|vergleich|kontrolle|"
        "vergleichsgruppe|kontrollgruppe|vergleichsstadt",
        "resident_sample": "residents|resident|population sample|einwohnerbefragung|bevölkerung",
    },
    "type": {
        "citizens_meeting": "citizens meeting|meeting of citizens|town meeting|bürgerbegegnung|"
        "bürgertreffen|begegnung|rencontre citoyenne",
        "conference": "konferenz|tagung|conférence|konference|konferencja|konferencia",
        "workshop": "werkstatt|atelier|dílna|warsztaty|műhely",
        "seminar": "séminaire|seminář|seminarium",
        "training": "course|schulung|fortbildung|kurs|formation",
        "webinar": "online seminar|webseminar",
        "school_exchange": "school visit|schüleraustausch|schulaustausch|échange scolaire|"
        "wymiana szkolna",
        "youth_exchange": "youth meeting|youth camp|jugendaustausch|jugendbegegnung|jugendtreffen",
        "homestay_visit": "homestay|family visit|bürgerreise|familienaufenthalt|besuch in familien",
        "festival_cultural": "festival|cultural festival|fest|kulturfest|stadtfest|"
        "festival culturel",
        "sport": "sports|sports event|tournament|sportveranstaltung|turnier|wettkampf|sportfest",
        "exhibition": "ausstellung|exposition|výstava|wystawa",
        "concert": "konzert|koncert",
        "expert_meeting": "expert exchange|fachaustausch|fachtreffen|expertentreffen",
        "official_visit": "delegation|delegation visit|offizieller besuch|delegationsbesuch|"
        "ratsbesuch",
        "internship": "work placement|praktikum|hospitation|stage",
        "joint_project": "project|gemeinsames projekt|projekt",
        "commemoration": "remembrance|gedenken|gedenkveranstaltung|gedenkfeier",
        "other": "else|andere|sonstige|sonstiges|anderes|autre",
    },
    "themes": {
        "town_development": "urban development|stadtentwicklung|développement urbain",
        "social": "social affairs|soziales|sozial|affaires sociales",
        "education": "school|schools|bildung|schule|éducation|vzdělávání|edukacja",
        "environment": "climate|environment and climate|umwelt|klima|umwelt und klima|"
        "environnement",
        "tourism": "tourismus|tourisme",
        "self_government": "local government|administration|selbstverwaltung|"
        "kommunale selbstverwaltung|verwaltung",
        "economy": "business|trade|wirtschaft|économie",
        "culture": "arts|music|kultur|kunst|musik|kultura",
        "sport": "sports|sport und freizeit",
        "youth": "young people|jugend|jeunesse|mládež|młodzież",
        "health": "gesundheit|santé|zdraví|zdrowie",
        "remembrance": "memory|history|erinnerung|gedenken|geschichte|erinnerungskultur|mémoire",
        "european_debate": "europe|european debate|europa|europadebatte|europäische debatte",
        "digital": "digitalisation|digitalization|digitales|digitalisierung",
        "equality": "gender equality|inclusion|gleichstellung|inklusion|égalité",
        "reconciliation": "versöhnung|réconciliation",
        "eu_integration": "european integration|europäische integration|europäische einigung",
    },
    "cerv_type": {
        "training": "schulung|training activities",
        "mutual_learning": "voneinander lernen|exchange of practice",
        "awareness": "awareness raising|dissemination|sensibilisierung|bewusstseinsbildung",
    },
    "mode": {
        "in_person": "face to face|on site|offline|präsenz|vor ort|in präsenz|présentiel",
        "online": "virtual|remote|virtuell|digital|en ligne",
        "hybrid": "mixed|gemischt|hybride",
    },
    "status": {
        "held": "done|completed|took place|yes|x|durchgeführt|stattgefunden|erfolgt|"
        "abgeschlossen|ja|"
        "réalisé|proběhlo|odbyło się",
        "planned": "scheduled|upcoming|confirmed|tentative|geplant|vorgesehen|in planung|prévu",
        "cancelled": "canceled|called off|no|abgesagt|ausgefallen|storniert|nein|annulé|zrušeno|"
        "odwołane",
        "postponed": "moved|delayed|verschoben|vertagt|reporté",
    },
    "form": {
        "formal": "formal partnership|formell|förmlich|partnerschaft|formal",
        "project": "project based|projekt|projektpartnerschaft|projektbezogen",
        "informal": "friendship|informell|freundschaft|kontakt|contact",
    },
    "basis": {
        "agreement": "partnership agreement|vereinbarung|abkommen|partnerschaftsvereinbarung",
        "declaration": "erklärung|partnerschaftserklärung",
        "contract": "vertrag|partnerschaftsvertrag",
        "council_resolution": "council decision|ratsbeschluss|stadtratsbeschluss",
        "none": "no document|keine|ohne",
    },
    "partnership_status": {
        "active": "aktiv", "dormant": "inactive|ruhend|inaktiv", "ended": "beendet|aufgelöst",
        "in_preparation": "planned|preparing|in vorbereitung|geplant",
    },
    "capacity_role": {
        "invited": "guest|guests|visitor|eingeladen|gast|gäste",
        "local": "locals|host|einheimisch|lokal|vor ort",
        "speaker": "referent|referentin|vortragende",
        "audience": "visitors|publikum|besucher|zuschauer",
        "organiser": "organizer|team|organisation|organisator|veranstalter",
    },
    "evidence": {
        "signed_list": "attendance list|signature list|unterschriftenliste|teilnehmerliste|"
        "anwesenheitsliste",
        "registration": "registrations|anmeldung|anmeldeliste",
        "ticket": "tickets|eintrittskarte|karten",
        "count": "counted|gezählt|zählung", "estimate": "estimated|geschätzt|schätzung",
    },
    "flag": {
        "yes": "y|true|1|x|ja|j|wahr|oui|si|sí|ano|áno|tak|igen|checked|agree|i agree|"
        "ich stimme zu|"
        "einverstanden|ok|✓|✔",
        "no": "n|false|0|nein|falsch|non|ne|nie|nem|disagree|ich stimme nicht zu",
    },
    "missing": {
        "dont_know": "don t know|do not know|dk|no opinion|not sure|weiß nicht|weiss nicht|"
        "keine meinung|je ne sais pas|nevím|nie wiem|nem tudom|non so|no sé|neviem",
        "refused": "prefer not to say|no answer|refused|rather not say|keine angabe|k a|"
        "keine antwort|möchte ich nicht sagen|sans réponse",
        "not_applicable": "not applicable|does not apply|n a|trifft nicht zu|entfällt|sans objet",
    },
}  # fmt: skip

_ALLOWED: Mapping[str, tuple[str, ...]] = {
    "gender": e.GENDERS, "role": e.ROLES, "arm": e.ARMS, "type": e.ACTIVITY_TYPES,
    "themes": e.AIMS, "cerv_type": e.CERV_TYPES, "mode": e.MODES, "status": e.ACTIVITY_STATUSES,
    "form": e.FORMS, "basis": e.BASES, "partnership_status": e.STATUSES, "flag": ("yes", "no"),
    "capacity_role": e.CAPACITY_ROLES, "evidence": e.EVIDENCE,
    "missing": ("dont_know", "refused", "not_applicable"),
}  # fmt: skip


@functools.cache
def _option_index(field: str) -> Mapping[str, str]:
    index = {fold(value): value for value in _ALLOWED[field]}
    for value, names in OPTIONS[field].items():
        for name in names.split("|"):
            # a sign such as a tick folds to nothing, so it is kept as it is
            index.setdefault(fold(name) or name, value)
    return index


def option(field: str, label: str) -> str:
    """The canonical value of an answer option, or ``""``.

    Parameters
    ----------
    field
        A key of :data:`OPTIONS`, or ``age_band``.
    label
        The option as written in the file.
    """
    if field == "age_band":
        if _option_index("gender").get(fold(label)) == "undisclosed":
            return "undisclosed"
        return parse_age_band(label)
    return _option_index(field).get(fold(label) or label.strip(), "")


def allowed(field: str) -> tuple[str, ...]:
    """The canonical values of an option field."""
    return e.AGE_BANDS if field == "age_band" else _ALLOWED[field]


@functools.cache
def _header_index(table: str) -> Mapping[str, str]:
    index: dict[str, str] = {}
    if table != "responses":
        index = {fold(name): name for name in TABLES[table].names()}
    for role, names in HEADERS[table].items():
        index.setdefault(fold(role), role)
        for name in names.split("|"):
            index.setdefault(fold(name), role)
    return index


def header(table: str, name: str) -> str:
    """The role of a column header in a table, or ``""``; a unit in brackets is ignored."""
    index = _header_index(table)
    found = index.get(fold(name))
    return found or index.get(fold(re.sub(r"[(\[].*?[)\]]", " ", name)), "")
