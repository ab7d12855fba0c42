"""One questionnaire per row; the answers follow as one column per item."""

from __future__ import annotations

from twinimpact import entities as e
from twinimpact.schema.declarations import Table, date, enum, integer, text

RESPONSE_COLUMNS = Table(
    name="responses",
    key=("response_id",),
    columns=(
        text("response_id", "pseudonymous key of the questionnaire", required=True),
        text("participant_token", "pseudonym from the survey tool's token, if any"),
        text("code", "hashed elements of the self-generated code, joined by '-'"),
        text("partnership_id", "link asked about", required=True),
        text("town_id", "home town of the respondent"),
        enum("arm", "participant or kind of comparison", e.ARMS, required=True),
        text("wave", "wave id of the evaluation", required=True),
        date("date", "day of the answers"),
        text("language", "language of the questionnaire"),
        enum("gender", "declared gender", e.GENDERS),
        enum("age_band", "age band", e.AGE_BANDS),
        enum("role", "capacity in public life", e.ROLES),
        text("state", "complete or partial"),
        integer("seconds", "time spent on the questionnaire, where the survey tool says it"),
        text("row_hash", "hash of the row's content"),
        text("source", "short hash of the file"),
        integer("source_row", "row in the original file"),
    ),
)
