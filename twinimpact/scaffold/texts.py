"""The commented settings and the commented mapping of a new evaluation."""

from __future__ import annotations

SETTINGS = """\
# Settings of this evaluation. Lines that begin with # are explanations or switched-off lines.
# Check everything at any time with:  twinimpact check .
schema = 1

[evaluation]
id = "{id}"                     # short name for files: small letters, digits, hyphens
title = {title}                 # stands on every report
timezone = "Europe/Brussels"    # where your events take place
languages = ["en"]              # language of the reports
# as_of = 2026-12-31            # day the reports are true for; without it: the latest in the data

[privacy]
# Nothing is shown about fewer people than these numbers: answers, head-counts, people under 18.
# Less than 5 is refused.
disclosure = {{k_answers = 10, k_counts = 5, k_minors = 10}}
# The key turns ids and personal codes into pseudonyms. Keep a copy of it in a safe place, never in
# this folder: with another key, the same person cannot be recognised in a later wave.
pseudonym = {{key_file = "{key}"}}

[reports]
formats = ["html", "pdf", "docx", "xlsx"]   # leave out what you do not need

# --- When people are asked -----------------------------------------------------------------
# kind: pre (before), post (after), followup (later), retro_pre (looking back), single (only once)
[[waves]]
id = "pre"
kind = "pre"
label = "Before"
# start = 2026-03-01            # first and last day of this wave; answers outside are flagged
# end = 2026-04-30

[[waves]]
id = "post"
kind = "post"
label = "After"

# --- What is compared ----------------------------------------------------------------------
# Remove this section if people were asked only once.
[design]
before = "pre"                  # ids of the waves above
after = "post"
# follow_up = "followup"        # a third wave, if there is one
linked = true                   # true: the same people each time, recognised by a personal code
conf_level = 0.95
# comparison_arms = ["comparison_town", "comparison_peer", "comparison_waitlist"]

# What you expect to change, decided before the answers come in. Without these lines every scale
# that has data is shown, and none of them counts as planned.
# role: primary, secondary, exploratory, placebo (should not change), descriptive (no comparison)
# sesoi: the smallest change worth having, in points from 0 to 100
[[design.outcomes]]
scale = "tw_thermo"
role = "primary"
sesoi = 5.0

# [instruments]
# use = ["tw_thermo", "tw_overlap", "tw_anx"]   # only these questionnaires; without it: all
# also = ["tw_lang", "kusiv3"]                  # optional sets and published scales besides them
# overlays = ["wording/kusiv3-en.toml"]         # wording you are licensed to use

# --- Where the data are --------------------------------------------------------------------
# Files lie in this folder. table: towns, partnerships, activities, attendance, calendar, responses;
# in records.xlsx also projects, organisations, link_ledger, costs, goals, targets, travel, media
[[sources]]
file = "inbox/registers.xlsx"
table = "towns"
sheet = "Towns"

[[sources]]
file = "inbox/registers.xlsx"
table = "partnerships"
sheet = "Partnerships"

[[sources]]
file = "inbox/activities.xlsx"
table = "activities"
sheet = "Activities"

[[sources]]
file = "inbox/activities.xlsx"
table = "attendance"
sheet = "Attendance"

# Money, travel, links between organisations, goals, targets and media: take the # away for each
# sheet of records.xlsx that you fill in.
# [[sources]]
# file = "inbox/records.xlsx"
# table = "costs"
# sheet = "Costs"

# A survey export: take the # away and name your file. The platform (kobo, limesurvey, google_forms,
# microsoft_forms, spss_stata and others) is recognised; name it if the program asks.
# [[sources]]
# file = "inbox/before.csv"
# table = "responses"
# mapping = "mappings/template.toml"   # meaning of the columns; not needed if they carry our ids
# codebook = "inbox/survey.lss"        # the questionnaire as the tool exports it, for the codes
# constants = {{wave = "pre"}}           # what holds for every row of this file

# A town's calendar gives proposals for the activity log, never attendance.
# [[sources]]
# file = "inbox/calendar.ics"
# table = "calendar"
# constants = {{partnership = "your-partnership-id", from = 2025-01-01, until = 2025-12-31}}

# A list of tickets (pretix, Eventbrite, Luma): who registered, and who was there if tickets were
# scanned. Say which event of the log it is about.
# [[sources]]
# file = "inbox/tickets.csv"
# table = "attendance"
# constants = {{activity = "your-event-id"}}

# --- A sample of residents -----------------------------------------------------------------
# Their answers can be weighted to what is known of the town. Participants chose to come, so no
# weights can make them stand for it. Shares of a margin sum to 1; or write numbers of people.
# [[weights]]
# id = "residents"
# arm = "resident_sample"
# by = "partnership"            # or "town": each of them is weighted on its own
# missing = "own_level"         # people without an answer; or "exclude"
# [weights.margins]
# gender = {{female = 0.51, male = 0.49}}
# age_band = {{younger = 0.4, older = 0.6}}
# [weights.levels]              # the bands of the questionnaire that make up each level
# age_band = {{younger = ["18-29", "30-44"], older = ["45-64", "65-74", "75+"]}}
"""

MAPPING = """\
# What the columns and answers of one survey export mean. Copy this file for each form and adapt it.
# Columns are named by their header, or by the question's code where the export has codes.
schema = 1
# platform = "google_forms"     # kobo, limesurvey, google_forms, microsoft_forms, spreadsheet
# date_order = "day-first"      # if dates can be read in two ways: day-first, month-first or iso

# The same for every row of the file.
# [constants]
# partnership = "your-partnership-id"
# arm = "participant"

# Which column holds what. Leave out what your form does not ask.
[columns]
# wave = "When are you filling this in?"
# partnership = "Which partnership is it about?"
# town = "Where do you live?"
# arm = "Did you take part?"
# gender = "Gender"
# age_band = "Age"
# role = "Which describes you best?"
# A personal code: one column per element, or one column with the length of each element.
# code = ["First letter of your mother's first name", "Day on which you were born"]
# code_pattern = [1, 1, 2, 2]   # stands above [columns] if you use it

# Only rows whose consent column says yes are read. Without consent in the form, say why:
# waived = "Consent was signed on paper."
[consent]
column = "I agree that my answers are used for the evaluation."
yes = ["Yes", "I agree"]

# Words used in your form for our values.
# [values.arm]
# "Yes" = "participant"
# "No" = "comparison_town"
# [values.wave]
# "before the visit" = "pre"

# Questions. `item` is our id; a question that carries our id needs no entry.
# [[items]]
# column = "How warm do you feel towards people from the partner country?"
# item = "tw_thermo_th1"

# [[items]]
# column = "On how many days were you in touch?"
# item = "tw_contact_q1"
# answers = "days"

# Words used in the answers, and their codes.
# [answers.days]
# "none" = 0
# "one or two" = 1
# missing = {"Don't know" = "dont_know"}
"""
