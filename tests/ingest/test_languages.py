"""Nine languages: one header, one option, one answer, whatever the town writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest
from planning_data import KEY, catalogue, draft, lookup, settings, table

from twinimpact.ingest.activities import activity_rows
from twinimpact.ingest.answer_words import UPWARDS, column_words, ladders
from twinimpact.ingest.answers import read_answer
from twinimpact.ingest.attendance import attendance_rows
from twinimpact.ingest.codebook import Question
from twinimpact.ingest.columns import find_columns
from twinimpact.ingest.further_tables import record_rows
from twinimpact.ingest.mapping import Answers, parse_mapping
from twinimpact.ingest.registers import partnership_rows, town_rows
from twinimpact.ingest.responses import response_rows
from twinimpact.ingest.synonyms import HEADERS, OPTIONS, allowed, header, option, words_of
from twinimpact.ingest.values import LOCALES, fold, parse_age_band, parse_date
from twinimpact.instruments import Item
from twinimpact.schema import RECORD_TABLES

# title, first day, last day, kind, themes, place, people, hours, partnership, state, cost
LOGS: Mapping[str, tuple[str, ...]] = {
    "en": ("Title", "Start date", "End date", "Type", "Themes", "Host town", "Participants",
           "Hours", "Partnership", "Status", "Cost", "Currency"),
    "de": ("Titel", "Beginn", "Ende", "Art", "Themen", "Gastgeber", "Teilnehmende", "Stunden",
           "Partnerschaft", "Status", "Kosten", "Währung"),
    "fr": ("Intitulé", "Date de début", "Date de fin", "Type d'activité", "Thèmes",
           "Ville d'accueil", "Nombre de participants", "Durée", "Jumelage", "Statut", "Coût",
           "Devise"),
    "it": ("Titolo", "Data inizio", "Data fine", "Tipologia", "Temi", "Città ospitante",
           "Numero di partecipanti", "Ore", "Gemellaggio", "Stato", "Costo totale", "Valuta"),
    "es": ("Título", "Fecha de inicio", "Fecha de fin", "Tipo de actividad", "Temas",
           "Ciudad anfitriona", "Número de participantes", "Horas", "Hermanamiento", "Estado",
           "Coste", "Moneda"),
    "cs": ("Název akce", "Datum zahájení", "Datum ukončení", "Druh akce", "Témata",
           "Hostitelské město", "Počet účastníků", "Počet hodin", "Partnerství", "Stav",
           "Náklady", "Měna"),
    "sk": ("Názov podujatia", "Dátum začiatku", "Dátum konca", "Druh podujatia", "Témy",
           "Hostiteľské mesto", "Počet účastníkov", "Počet hodín", "Partnerstvo", "Stav",
           "Náklady", "Mena"),
    "pl": ("Nazwa wydarzenia", "Data rozpoczęcia", "Data zakończenia", "Rodzaj wydarzenia",
           "Tematyka", "Miasto goszczące", "Liczba uczestników", "Liczba godzin", "Partnerstwo",
           "Stan", "Koszty", "Waluta"),
    "hu": ("Esemény neve", "Kezdő dátum", "Záró dátum", "Esemény típusa", "Témák",
           "Házigazda város", "Résztvevők száma", "Óraszám", "Testvérvárosi kapcsolat",
           "Állapot", "Összköltség", "Pénznem"),
}  # fmt: skip
# two days in May, a youth exchange about culture and youth, held
ROWS: Mapping[str, tuple[str, str, str, str, str]] = {
    "en": ("May 3rd, 2025", "4 May 2025", "Youth exchange", "Culture; young people", "held"),
    "de": ("3. Mai 2025", "So, 4.5.2025", "Jugendbegegnung", "Kultur; Jugend", "durchgeführt"),
    "fr": ("3 mai 2025", "4 mai 2025", "Échange de jeunes", "culture ; jeunesse", "réalisé"),
    "it": ("3 maggio 2025", "4 mag 2025", "Scambio giovanile", "Cultura, giovani", "svolto"),
    "es": ("3 de mayo de 2025", "4 de mayo de 2025", "Intercambio juvenil", "Cultura; juventud",
           "realizado"),
    "cs": ("3. května 2025", "4. 5. 2025", "Výměna mládeže", "kultura; mládež", "proběhlo"),
    "sk": ("3. mája 2025", "4. 5. 2025", "Výmena mládeže", "Kultúra, mládež", "uskutočnené"),
    "pl": ("3 maja 2025", "4 maja 2025 r.", "Wymiana młodzieży", "kultura; młodzież",
           "odbyło się"),
    "hu": ("2025. május 3.", "2025. 05. 04.", "Ifjúsági csere", "kultúra; ifjúság",
           "megvalósult"),
}  # fmt: skip
LISTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "en": (("Event", "Participant", "Present", "Home town", "Gender", "Age group", "Role"),
           ("yes", "woman", "18 to 29", "volunteer")),
    "de": (("Veranstaltung", "Teilnehmer-ID", "anwesend", "Wohnort", "Geschlecht",
            "Altersgruppe", "Funktion"), ("ja", "weiblich", "18 bis 29", "ehrenamtlich")),
    "fr": (("Événement", "Numéro de participant", "Présent", "Lieu de résidence", "Sexe",
            "Tranche d'âge", "Fonction"), ("oui", "femme", "18 à 29 ans", "bénévole")),
    "it": (("Evento", "Codice partecipante", "Presenza", "Residenza", "Genere", "Fascia d'età",
            "Ruolo"), ("sì", "donna", "18–29 anni", "volontaria")),
    "es": (("Evento", "Código de participante", "Presente", "Lugar de residencia", "Sexo",
            "Grupo de edad", "Función"), ("sí", "mujer", "de 18 a 29 años", "voluntaria")),
    "cs": (("Název akce", "Kód účastníka", "Přítomen", "Bydliště", "Pohlaví", "Věková skupina",
            "Funkce"), ("ano", "žena", "18–29 let", "dobrovolnice")),
    "sk": (("Názov podujatia", "Kód účastníka", "Prítomný", "Bydlisko", "Pohlavie",
            "Veková skupina", "Funkcia"), ("áno", "žena", "18 až 29 rokov", "dobrovoľníčka")),
    "pl": (("Wydarzenie", "Kod uczestnika", "Obecność", "Miejsce zamieszkania", "Płeć",
            "Grupa wiekowa", "Funkcja"), ("tak", "kobieta", "18–29 lat", "wolontariuszka")),
    "hu": (("Rendezvény", "Résztvevő kódja", "Jelen volt", "Lakóhely", "Nem", "Korcsoport",
            "Szerepkör"), ("igen", "nő", "18–29 év", "önkéntes")),
}  # fmt: skip
REGISTERS: Mapping[str, tuple[tuple[str, str, str], tuple[str, ...]]] = {
    "en": (("Town", "Country", "Inhabitants"), ("Town", "Partner town", "Since", "Aims")),
    "de": (("Gemeinde", "Land", "Einwohner"), ("Stadt", "Partnerstadt", "seit", "Ziele")),
    "fr": (("Commune", "Pays", "Nombre d'habitants"),
           ("Ville", "Ville jumelée", "Depuis", "Objectifs")),
    "it": (("Comune", "Paese", "Abitanti"),
           ("Comune", "Città gemellata", "Anno della firma", "Obiettivi")),
    "es": (("Municipio", "País", "Habitantes"),
           ("Municipio", "Ciudad hermanada", "Desde", "Objetivos")),
    "cs": (("Obec", "Země", "Počet obyvatel"), ("Město", "Partnerské město", "Od roku", "Cíle")),
    "sk": (("Obec", "Krajina", "Počet obyvateľov"),
           ("Mesto", "Partnerské mesto", "Od roku", "Ciele")),
    "pl": (("Gmina", "Kraj", "Liczba mieszkańców"),
           ("Miasto", "Miasto partnerskie", "Rok podpisania", "Cele")),
    "hu": (("Település", "Ország", "Lakosság"),
           ("Város", "Testvérváros", "Aláírás éve", "Célok")),
}  # fmt: skip
# event, receipt, kind of cost, amount, currency, who paid, in kind; then a bus paid by the town
# and a hall lent by the association
COSTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "en": (("Event", "Receipt number", "Kind of cost", "Amount", "Currency", "Paid by", "In kind"),
           ("Travel costs", "Town", "no"), ("Hall", "Association", "yes")),
    "de": (("Veranstaltung", "Beleg-Nr.", "Kostenart", "Betrag", "Währung", "Bezahlt von",
            "Sachleistung"), ("Fahrtkosten", "Stadt", "nein"), ("Raummiete", "Verein", "ja")),
    "fr": (("Événement", "Numéro de facture", "Type de dépense", "Montant", "Devise", "Payé par",
            "En nature"),
           ("Frais de déplacement", "Commune", "non"), ("Salle", "Comité de jumelage", "oui")),
    "it": (("Evento", "Numero fattura", "Voce di spesa", "Importo", "Valuta", "Pagato da",
            "In natura"),
           ("Spese di viaggio", "Comune", "no"), ("Affitto sala", "Associazione", "sì")),
    "es": (("Evento", "Número de factura", "Tipo de gasto", "Importe", "Moneda", "Pagado por",
            "En especie"),
           ("Gastos de viaje", "Ayuntamiento", "no"), ("Alquiler de sala", "Asociación", "sí")),
    "cs": (("Název akce", "Číslo dokladu", "Druh nákladu", "Částka", "Měna", "Uhradil",
            "Nepeněžní plnění"),
           ("Cestovné", "Město", "ne"), ("Pronájem sálu", "Spolek", "ano")),
    "sk": (("Názov podujatia", "Číslo dokladu", "Druh nákladov", "Suma", "Mena", "Uhradil",
            "Nepeňažné plnenie"),
           ("Cestovné", "Mesto", "nie"), ("Prenájom sály", "Združenie", "áno")),
    "pl": (("Wydarzenie", "Numer faktury", "Rodzaj kosztu", "Kwota", "Waluta", "Zapłacił",
            "Wkład rzeczowy"),
           ("Przejazd", "Gmina", "nie"), ("Wynajem sali", "Stowarzyszenie", "tak")),
    "hu": (("Esemény neve", "Számla száma", "Költségnem", "Összeg", "Pénznem", "Ki fizette",
            "Természetbeni hozzájárulás"),
           ("Útiköltség", "Önkormányzat", "nem"), ("Terembérlet", "Egyesület", "igen")),
}  # fmt: skip
# partnership, the two sides, kind, since, last contact, still alive, state; then two kinds of
# link and a state
LEDGERS: Mapping[str, tuple[tuple[str, ...], tuple[str, str, str]]] = {
    "en": (("Partnership", "Organisation A", "Organisation B", "Kind of link", "Since",
            "Last contact", "Still alive", "Progress"), ("Clubs", "Follow-up", "carried out")),
    "de": (("Partnerschaft", "Eigener Verein", "Partnerverein", "Art der Verbindung", "seit",
            "Letzter Kontakt", "Besteht noch", "Stand"), ("Vereine", "Folgemaßnahme", "erledigt")),
    "fr": (("Jumelage", "Notre association", "Association partenaire", "Type de lien", "Depuis",
            "Dernier contact", "Toujours actif", "Avancement"),
           ("Associations", "Action de suivi", "réalisé")),
    "it": (("Gemellaggio", "Nostra organizzazione", "Organizzazione partner", "Tipo di legame",
            "Dal", "Ultimo contatto", "Ancora attivo", "Stato di avanzamento"),
           ("Associazioni", "Azione di seguito", "realizzato")),
    "es": (("Hermanamiento", "Nuestra organización", "Organización socia", "Tipo de vínculo",
            "Desde", "Último contacto", "Sigue activo", "Estado"),
           ("Asociaciones", "Acción de seguimiento", "realizado")),
    "cs": (("Partnerství", "Naše organizace", "Partnerská organizace", "Druh vazby", "Od",
            "Poslední kontakt", "Trvá", "Stav plnění"),
           ("Mezi organizacemi", "Následná aktivita", "splněno")),
    "sk": (("Partnerstvo", "Naša organizácia", "Partnerská organizácia", "Druh väzby", "Od",
            "Posledný kontakt", "Trvá", "Stav plnenia"),
           ("Medzi organizáciami", "Následná aktivita", "splnené")),
    "pl": (("Partnerstwo", "Nasza organizacja", "Organizacja partnerska", "Rodzaj kontaktu",
            "Data nawiązania", "Ostatni kontakt", "Nadal trwa", "Stan realizacji"),
           ("Stowarzyszenia", "Działanie następcze", "zrealizowane")),
    "hu": (("Testvérvárosi kapcsolat", "Saját szervezet", "Partnerszervezet", "Kapcsolat típusa",
            "Létrejött", "Utolsó kapcsolat", "Még él", "Megvalósítás állása"),
           ("Egyesületek", "Vállalt lépés", "megvalósult")),
}  # fmt: skip
TARGETS: Mapping[str, tuple[str, ...]] = {
    "en": ("Partnership", "Indicator", "Part", "Starting value", "Target value", "Due date",
           "Source"),
    "de": ("Partnerschaft", "Indikator", "Teil", "Ausgangswert", "Zielwert", "Bis wann",
           "Nachweis"),
    "fr": ("Jumelage", "Indicateur", "Partie", "Valeur de départ", "Valeur cible", "Échéance",
           "Source de vérification"),
    "it": ("Gemellaggio", "Indicatore", "Parte", "Valore di partenza", "Valore obiettivo",
           "Scadenza", "Fonte di verifica"),
    "es": ("Hermanamiento", "Indicador", "Parte", "Línea de base", "Meta", "Plazo",
           "Fuente de verificación"),
    "cs": ("Partnerství", "Ukazatel", "Část", "Výchozí hodnota", "Cílová hodnota", "Termín",
           "Zdroj ověření"),
    "sk": ("Partnerstvo", "Ukazovateľ", "Časť", "Východisková hodnota", "Cieľová hodnota",
           "Termín", "Zdroj overenia"),
    "pl": ("Partnerstwo", "Wskaźnik", "Część", "Wartość bazowa", "Wartość docelowa", "Termin",
           "Źródło weryfikacji"),
    "hu": ("Testvérvárosi kapcsolat", "Mutató", "Rész", "Kiinduló érték", "Célérték", "Határidő",
           "Igazolás forrása"),
}  # fmt: skip
# columns an activity log may have besides: who led, guests planned, money, who gave it, travel
MORE: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "en": (("Lead organisation", "Planned guests", "Grant amount", "Funded by", "Transport"),
           ("Twinning committee", "Ministry", "coach")),
    "de": (("Federführung", "Geplante Gäste", "Zuschuss", "Fördergeber", "Verkehrsmittel"),
           ("Partnerschaftsverein", "Bund", "Reisebus")),
    "fr": (("Chef de file", "Invités prévus", "Subvention", "Financeur", "Moyen de transport"),
           ("Comité de jumelage", "Ministère", "autocar")),
    "it": (("Capofila", "Ospiti previsti", "Contributo", "Ente finanziatore",
            "Mezzo di trasporto"), ("Comitato gemellaggi", "Ministero", "pullman")),
    "es": (("Entidad responsable", "Invitados previstos", "Subvención", "Entidad financiadora",
            "Medio de transporte"), ("Comité de hermanamiento", "Ministerio", "autocar")),
    "cs": (("Nositel projektu", "Plánovaní hosté", "Výše dotace", "Poskytovatel dotace",
            "Doprava"), ("Partnerský spolek", "Ministerstvo", "autobus")),
    "sk": (("Nositeľ projektu", "Plánovaní hostia", "Výška dotácie", "Poskytovateľ dotácie",
            "Doprava"), ("Partnerský spolok", "Ministerstvo", "autobus")),
    "pl": (("Organizacja wiodąca", "Planowani goście", "Dotacja", "Grantodawca",
            "Środek transportu"), ("Komitet partnerski", "Ministerstwo", "autokar")),
    "hu": (("Vezető szervezet", "Várt vendégek", "Támogatás összege", "Támogató",
            "Közlekedési eszköz"), ("Testvérvárosi egyesület", "Minisztérium", "busz")),
}  # fmt: skip
GERMANY = {"en": "Germany", "de": "Deutschland", "fr": "Allemagne", "it": "Germania",
           "es": "Alemania", "cs": "Německo", "sk": "Nemecko", "pl": "Niemcy",
           "hu": "Németország"}  # fmt: skip
PERSON: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "en": (("Gender", "Age group", "Role", "Language", "Consent"),
           ("male", "75 and over", "teacher", "English", "I agree")),
    "de": (("Geschlecht", "Alter", "Funktion", "Sprache", "Einwilligung"),
           ("männlich", "75 und älter", "Lehrkraft", "Deutsch", "einverstanden")),
    "fr": (("Sexe", "Tranche d'âge", "Fonction", "Langue", "Consentement"),
           ("homme", "75 ans et plus", "enseignante", "français", "J'accepte")),
    "it": (("Genere", "Fascia d'età", "Ruolo", "Lingua", "Consenso"),
           ("uomo", "75 anni e più", "insegnante", "italiano", "acconsento")),
    "es": (("Sexo", "Edad", "Función", "Idioma", "Consentimiento"),
           ("hombre", "75 años o más", "profesora", "español", "acepto")),
    "cs": (("Pohlaví", "Věk", "Funkce", "Jazyk", "Souhlas"),
           ("muž", "75 let a více", "učitelka", "čeština", "souhlasím")),
    "sk": (("Pohlavie", "Vek", "Funkcia", "Jazyk", "Súhlas"),
           ("muž", "75 rokov a viac", "učiteľ", "slovenčina", "súhlasím")),
    "pl": (("Płeć", "Wiek", "Funkcja", "Język", "Zgoda"),
           ("mężczyzna", "75 lat i więcej", "nauczyciel", "polski", "wyrażam zgodę")),
    "hu": (("Nem", "Életkor", "Szerepkör", "Nyelv", "Hozzájárulás"),
           ("férfi", "75 év felett", "tanár", "magyar", "hozzájárulok")),
}  # fmt: skip

AGREE = Item(id="q", instrument="i", kind="agreement", lo=1, hi=5, missing=(9,))
FREQUENCY = Item(id="q", instrument="i", kind="frequency", lo=0, hi=4)
SEVEN = Item(id="q", instrument="i", kind="agreement", lo=1, hi=7)
DOWNWARDS = Item(
    id="q", instrument="i", kind="agreement", lo=1, hi=5,
    anchors={1: {"en": "strongly agree"}, 5: {"en": "strongly disagree"}},
)  # fmt: skip
SATISFIED = Item(
    id="q", instrument="i", kind="ends", lo=1, hi=5,
    low_label={"en": "very dissatisfied"}, high_label={"en": "very satisfied"},
)  # fmt: skip
FULLY = {"en": "Strongly agree", "de": "Stimme voll und ganz zu", "fr": "Tout à fait d'accord",
         "it": "Totalmente d'accordo", "es": "Totalmente de acuerdo",
         "cs": "Rozhodně souhlasím", "sk": "Úplne súhlasím",
         "pl": "Zdecydowanie się zgadzam", "hu": "Teljesen egyetértek"}  # fmt: skip
RARELY = {"en": "Seldom", "de": "Selten", "fr": "Rarement", "it": "Raramente",
          "es": "Rara vez", "cs": "Zřídka", "sk": "Zriedka", "pl": "Rzadko",
          "hu": "Ritkán"}  # fmt: skip
CONTENT = {"en": "Satisfied", "de": "Zufrieden", "fr": "Satisfaite", "it": "Soddisfatto",
           "es": "Satisfecha", "cs": "Spokojená", "sk": "Spokojný", "pl": "Zadowolona",
           "hu": "Elégedett"}  # fmt: skip
YES = {"en": "Yes", "de": "Ja", "fr": "Oui", "it": "Sì", "es": "Sí", "cs": "Ano", "sk": "Áno",
       "pl": "Tak", "hu": "Igen"}  # fmt: skip
NOT_SURE = {"en": "Don't know", "de": "Weiß nicht", "fr": "Je ne sais pas", "it": "Non so",
            "es": "No sé", "cs": "Nevím", "sk": "Neviem", "pl": "Nie wiem",
            "hu": "Nem tudom"}  # fmt: skip


def codes(item: Item, *labels: str, declared: Answers | None = None) -> list[int | None]:
    words, _ = column_words(item, declared or Answers(), labels)
    return [read_answer(label, item, words)[0] for label in labels]


FURTHER = (
    "lead_org_type", "organisation_type", "funder", "travel_mode", "accommodation", "groups",
    "attendance_mode", "link_kind", "action_status", "category", "payer", "outlet_type",
)  # fmt: skip


# --- the lists of words --------------------------------------------------------------------


@pytest.mark.parametrize("table_name", sorted(HEADERS))
def test_no_header_means_two_columns_of_one_table(table_name: str) -> None:
    meanings: dict[str, set[str]] = defaultdict(set)
    for role, names in HEADERS[table_name].items():
        for name in (role, *names.split("|")):
            meanings[fold(name)].add(role)
    assert {name: found for name, found in meanings.items() if len(found) > 1} == {}


@pytest.mark.parametrize("field", sorted(OPTIONS))
def test_no_word_means_two_options_of_one_field(field: str) -> None:
    meanings: dict[str, set[str]] = defaultdict(set)
    for value, names in OPTIONS[field].items():
        for name in (value, *names.split("|")):
            meanings[fold(name) or name].add(value)
    assert {name: found for name, found in meanings.items() if len(found) > 1} == {}


@pytest.mark.parametrize("language", LOCALES)
def test_a_language_has_words_for_everything_and_invents_nothing(language: str) -> None:
    words = words_of(language)
    assert set(words) == {"headers", "options", "answers"}
    for table_name, roles in words["headers"].items():
        assert set(roles) <= set(HEADERS[table_name])
    assert set(words["headers"]["responses"]) == set(HEADERS["responses"])
    assert set(HEADERS["activities"]) == set(words["headers"]["activities"])
    for field, values in words["options"].items():
        assert set(values) <= set(allowed(field))
    assert set(words["options"]) == set(OPTIONS)
    for table_name in ("attendance", *RECORD_TABLES):
        assert set(words["headers"][table_name]) == set(HEADERS[table_name]), table_name
    for field in ("type", "themes", "gender", "role", "flag", "missing", "status", *FURTHER):
        assert set(words["options"][field]) >= set(allowed(field)) - {"undisclosed"}, field


@pytest.mark.parametrize("points", [4, 5, 7])
def test_every_language_has_ladders_of_every_length_with_each_wording_once(points: int) -> None:
    listed = ladders(points)
    for family in ("agreement", "frequency", "satisfaction"):
        assert {one.language for one in listed if one.family == family} == set(LOCALES)
    for ladder in listed:
        wordings = [word for step in ladder.steps for word in step]
        assert len(wordings) == len(set(wordings)), (ladder.family, ladder.language)
        assert all(ladder.steps)
    assert set(UPWARDS) <= {one.family for one in (*ladders(4), *ladders(5))}


# --- tables kept by hand -------------------------------------------------------------------


@pytest.mark.parametrize("language", LOCALES)
def test_an_activity_log_in_any_language_is_the_same_log(language: str) -> None:
    start, end, kind, themes, state = ROWS[language]
    cells = ["Summer camp", start, end, kind, themes, "Lindau", "48", "7,5", "Lindau – Morlaix",
             state, "1250,50", "EUR"]  # fmt: skip
    made = activity_rows(table([list(LOGS[language]), cells]), parse_mapping({}, "m"), lookup())
    assert [problem.code for problem in made.activities.problems] == []
    row = made.activities.frame.iloc[0]
    assert (row["title"], row["partnership_id"]) == ("Summer camp", "lin-mor")
    assert (str(row["start_date"].date()), str(row["end_date"].date())) == (
        "2025-05-03", "2025-05-04",
    )  # fmt: skip
    assert (row["type"], row["themes"]) == ("youth_exchange", "culture;youth")
    assert (row["status"], row["host_town_id"]) == ("held", "lin")
    assert (row["hours"], row["cost_total"], row["currency"]) == (7.5, 1250.5, "EUR")
    assert made.counts.frame["count"].tolist() == [48]


@pytest.mark.parametrize("language", LOCALES)
def test_who_led_and_paid_is_read_from_a_log_in_any_language(language: str) -> None:
    names, (lead, funder, travel) = MORE[language]
    title, start, partnership = (LOGS[language][place] for place in (0, 1, 8))
    cells = ["Camp", ROWS[language][0], "lin-mor", lead, "35", "4000,50", funder, travel]
    rows = [[title, start, partnership, *names], cells]
    made = activity_rows(table(rows), parse_mapping({}, "m"), lookup())
    assert [problem.code for problem in made.activities.problems] == []
    row = made.activities.frame.iloc[0]
    assert (row["lead_org_type"], row["funder"], row["travel_mode"]) == (
        "twinning_association", "national", "bus",
    )  # fmt: skip
    assert (row["planned_invited"], row["grant"]) == (35, 4000.5)


@pytest.mark.parametrize("language", LOCALES)
def test_costs_in_any_language_are_the_same_costs(language: str) -> None:
    names, (travel, town, cash), (hall, association, given) = COSTS[language]
    rows = [
        list(names),
        ["fest", "R-7", travel, "1250,50", "€", town, cash],
        ["Town festival", "R-8", hall, "300,00", "EUR", association, given],
    ]
    checked = record_rows(table(rows), "costs", parse_mapping({}, "m"), lookup())
    assert [problem.code for problem in checked.problems] == []
    columns = ["activity_id", "row_key", "category", "amount", "currency", "payer", "in_kind"]
    assert checked.frame[columns].to_numpy().tolist() == [
        ["fest", "R-7", "travel", 1250.5, "EUR", "town", False],
        ["fest", "R-8", "venue", 300.0, "EUR", "association", True],
    ]


@pytest.mark.parametrize("language", LOCALES)
def test_a_ledger_of_links_in_any_language_is_the_same_ledger(language: str) -> None:
    names, (clubs, action, done) = LEDGERS[language]
    start, end, *_ = ROWS[language]
    alive = LISTS[language][1][0]
    rows = [
        list(names),
        ["Lindau – Morlaix", "Choir", "Singers", clubs, start, end, alive, ""],
        ["lin-mor", "", "", action, start, "", "", done],
    ]
    checked = record_rows(table(rows), "link_ledger", parse_mapping({}, "m"), lookup())
    assert [problem.code for problem in checked.problems] == []
    one, two = (row for _, row in checked.frame.iterrows())
    assert (one["partnership_id"], one["org_a"], one["org_b"]) == ("lin-mor", "Choir", "Singers")
    assert (one["kind"], bool(one["alive"])) == ("organisation", True)
    assert (str(one["created"].date()), str(one["last_confirmed"].date())) == (
        "2025-05-03", "2025-05-04",
    )  # fmt: skip
    assert (two["kind"], two["status"]) == ("follow_up_action", "done")


@pytest.mark.parametrize("language", LOCALES)
def test_targets_in_any_language_are_the_same_targets(language: str) -> None:
    cells = ["Lindau – Morlaix", "R09Y", "share", "0,15", "0,25", ROWS[language][1], "lists"]
    rows = [list(TARGETS[language]), cells]
    checked = record_rows(table(rows), "targets", parse_mapping({}, "m"), lookup())
    assert [problem.code for problem in checked.problems] == []
    row = checked.frame.iloc[0]
    assert (row["partnership_id"], row["indicator_id"], row["part"]) == ("lin-mor", "R09Y", "share")
    assert (row["baseline"], row["target"]) == (0.15, 0.25)
    assert (str(row["due"].date()), row["source_of_verification"]) == ("2025-05-04", "lists")


@pytest.mark.parametrize("language", LOCALES)
def test_an_attendance_list_in_any_language_is_the_same_list(language: str) -> None:
    names, (there, gender, age, role) = LISTS[language]
    cells = ["fest", "anna", there, "Lindau", gender, age, role]
    checked = attendance_rows(table([list(names), cells]), parse_mapping({}, "m"), lookup(), KEY)
    assert [problem.code for problem in checked.problems] == []
    row = checked.frame.iloc[0]
    assert (row["activity_id"], bool(row["attended"]), row["town_id"]) == ("fest", True, "lin")
    assert (row["gender"], row["age_band"], row["role"]) == (
        "female", "18-29", "volunteer_organiser",
    )  # fmt: skip


@pytest.mark.parametrize("language", LOCALES)
def test_registers_in_any_language_are_read(language: str) -> None:
    towns, links = REGISTERS[language]
    rows = [list(towns), ["Ulm", GERMANY[language], "12000"]]
    frame = town_rows(table(rows), parse_mapping({}, "m")).frame
    assert frame[["town_id", "country", "population"]].to_numpy().tolist() == [["ulm", "DE", 12000]]
    rows = [list(links), ["Lindau", "Morlaix", "1987", ROWS[language][3]]]
    checked = partnership_rows(table(rows), parse_mapping({}, "m"), lookup())
    assert [problem.code for problem in checked.problems] == []
    row = checked.frame.iloc[0]
    assert (row["town_a"], row["town_b"], row["date_signed"]) == ("lin", "mor", "1987")
    assert row["aims"] == "culture;youth"


@pytest.mark.parametrize("language", LOCALES)
def test_the_person_columns_of_an_export_are_found_in_any_language(language: str) -> None:
    names, cells = PERSON[language]
    # every tool offers its languages in their own words, so a code is given here
    made = draft([*names, "tw_x_a"], [[*cells, "7"]])
    places = find_columns(made, parse_mapping({}, "m"), catalogue())
    assert [places.roles.get(role) for role in ("gender", "age_band", "role", "consent")] == [
        (0,), (1,), (2,), (4,),
    ]  # fmt: skip
    asked = settings({})
    checked = response_rows(made, asked)
    assert checked.excluded == {}
    row = checked.frame.iloc[0]
    assert (row["gender"], row["age_band"], row["role"]) == ("male", "75+", "teacher")
    assert row["language"] == language


@pytest.mark.parametrize(
    "text",
    ["3 mai 2025", "1er mai 2025", "2025. május 3.", "2025. 05. 03.", "sobota 3. května 2025",
     "3rd of May 2025", "3 maja 2025 r.", "sábado, 3 de mayo de 2025"],
)  # fmt: skip
def test_days_are_written_in_many_ways(text: str) -> None:
    found = parse_date(text)
    assert found is not None
    assert found.isoformat() in ("2025-05-03", "2025-05-01")
    assert (found.day == 1) == text.startswith("1")


@pytest.mark.parametrize(
    ("text", "band"),
    [("moins de 14 ans", "<14"), ("do 13 let", "<14"), ("do 14 lat", ""), ("34 roku", "30-44"),
     ("14 év alatt", "<14"), ("od 75 lat", "75+"), ("65 anni e oltre", ""),
     ("młodsi niż 14", "<14"), ("14 or younger", "")],
)  # fmt: skip
def test_ages_are_read_only_when_they_lie_in_one_band(text: str, band: str) -> None:
    assert parse_age_band(text) == band


# --- answers -------------------------------------------------------------------------------


def test_the_same_answer_in_nine_languages_is_one_code() -> None:
    assert codes(AGREE, *FULLY.values()) == [5] * 9
    assert codes(FREQUENCY, *RARELY.values()) == [1] * 9
    assert codes(SATISFIED, *CONTENT.values()) == [4] * 9
    yes_no = catalogue().items["tw_y_p"]
    assert codes(yes_no, *YES.values()) == [1] * 9
    words, _ = column_words(AGREE, Answers(), NOT_SURE.values())
    assert [read_answer(one, AGREE, words)[1] for one in NOT_SURE.values()] == ["dont_know"] * 9


def test_a_whole_scale_keeps_its_order() -> None:
    german = ["stimme gar nicht zu", "stimme eher nicht zu", "teils, teils", "stimme eher zu",
              "stimme voll zu"]  # fmt: skip
    assert codes(AGREE, *german) == [1, 2, 3, 4, 5]
    assert codes(DOWNWARDS, *german) == [5, 4, 3, 2, 1]
    polish = ["Nigdy", "Rzadko", "Czasami", "Często", "Zawsze"]
    assert codes(FREQUENCY, *polish) == [0, 1, 2, 3, 4]


def test_a_longer_scale_in_a_shorter_range_is_refused() -> None:
    seven = ["disagree", "somewhat disagree", "somewhat agree", "agree"]
    assert codes(AGREE, *seven) == [None] * 4
    assert codes(SEVEN, *seven) == [2, 3, 5, 6]


def test_one_unknown_wording_stops_the_guess_for_its_column() -> None:
    assert codes(AGREE, "Agree", "Whatever") == [None, None]
    declared = Answers(codes={"whatever": 3})
    assert codes(AGREE, "Agree", "Whatever", declared=declared) == [4, 3]


def test_without_a_word_on_the_direction_nothing_is_guessed() -> None:
    silent = Item(id="q", instrument="i", kind="ends", lo=1, hi=5)
    assert codes(silent, "very satisfied") == [None]
    torn = Item(
        id="q", instrument="i", kind="agreement", lo=1, hi=5,
        anchors={1: {"en": "strongly agree"}, 2: {"en": "disagree"}},
    )  # fmt: skip
    assert codes(torn, "stimme voll zu") == [None]


def test_a_range_of_another_length_is_left_alone() -> None:
    wide = Item(id="q", instrument="i", kind="agreement", lo=0, hi=10)
    assert codes(wide, "strongly agree", "agree") == [None, None]


# --- codes with labels ---------------------------------------------------------------------


def asked(**labels: str) -> Question:
    return Question(
        key="q", text={}, kind="single",
        options={code.strip("_"): {"": text} for code, text in labels.items()},
    )  # fmt: skip


def test_a_code_stands_for_what_its_label_says() -> None:
    turned = asked(_1="Strongly agree", _2="Agree", _3="Neither", _4="Disagree",
                   _5="Strongly disagree", _8="Don't know")  # fmt: skip
    words, moved = column_words(AGREE, Answers(), ["1", "5"], turned)
    assert [read_answer(code, AGREE, words) for code in "12345"] == [
        (5, ""), (4, ""), (3, ""), (2, ""), (1, ""),
    ]  # fmt: skip
    assert read_answer("8", AGREE, words) == (None, "dont_know")
    assert moved == {"1": 5, "2": 4, "4": 2, "5": 1}


def test_codes_that_agree_with_their_labels_stay() -> None:
    usual = asked(_1="Strongly disagree", _5="Strongly agree")
    words, moved = column_words(AGREE, Answers(), ["1", "3"], usual)
    assert [read_answer(code, AGREE, words)[0] for code in ("1", "3", "5")] == [1, 3, 5]
    assert moved == {}


def test_beside_turned_labels_a_code_without_one_is_not_trusted() -> None:
    ends = asked(_1="Strongly agree", _5="Strongly disagree")
    words, moved = column_words(AGREE, Answers(), ["1", "3"], ends)
    assert read_answer("1", AGREE, words) == (5, "")
    assert read_answer("3", AGREE, words) == (None, "unreadable")
    # a person's mapping decides
    own = Answers(codes={"1": 1, "3": 3, "5": 5})
    words, moved = column_words(AGREE, own, ["1", "3"], ends)
    assert read_answer("1", AGREE, words) == (1, "")
    assert moved == {}


def test_turned_codes_of_a_data_file_are_told_and_stored_right(tmp_path: Path) -> None:
    pyreadstat = pytest.importorskip("pyreadstat")
    pd = pytest.importorskip("pandas")
    from twinimpact.ingest.draft import draft_of

    path = tmp_path / "export.sav"
    labels = {1: "Stimme voll zu", 2: "Stimme zu", 3: "weder noch", 4: "Stimme nicht zu",
              5: "Stimme gar nicht zu"}  # fmt: skip
    pyreadstat.write_sav(
        pd.DataFrame({"tw_x_b": [1.0, 4.0]}), path, variable_value_labels={"tw_x_b": labels}
    )
    checked = response_rows(draft_of(path), settings())
    assert checked.frame["tw_x_b"].tolist() == [5, 2]
    (told,) = [problem for problem in checked.problems if problem.code == "answers_by_label"]
    assert "1 → 5" in told.got


def test_options_of_a_log_are_known_in_nine_languages() -> None:
    visits = ["delegation visit", "Delegationsbesuch", "visite officielle", "visita ufficiale",
              "visita oficial", "návštěva delegace", "návšteva delegácie", "wizyta delegacji",
              "hivatalos látogatás"]  # fmt: skip
    assert {option("type", one) for one in visits} == {"official_visit"}
    assert header("activities", "Liczba uczestników (osoby)") == "participants"
