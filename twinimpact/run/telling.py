"""Plans and receipts in words, for the command line."""

from __future__ import annotations

from collections.abc import Sequence

from twinimpact.ingest import ImportPlan, Receipt
from twinimpact.language import N_, Translator


def plan_rows(plans: Sequence[ImportPlan], translate: Translator) -> list[dict[str, str]]:
    """One line of a table per file and table that would be imported."""
    text = translate.text
    lines = []
    for plan in plans:
        excluded = ", ".join(
            f"{translate.integer(count)} {text(reason.replace('_', ' '))}"
            for reason, count in plan.excluded.items()
            if count
        )
        lines.append(
            {
                text(N_("file")): plan.file,
                text(N_("table")): text(plan.table),
                text(N_("format")): text(plan.platform.replace("_", " ")) or "–",
                text(N_("rows")): translate.integer(plan.rows),
                text(N_("new")): translate.integer(len(plan.new)),
                text(N_("changed")): translate.integer(len(plan.changed)),
                text(N_("unchanged")): translate.integer(plan.unchanged),
                text(N_("excluded")): excluded or "0",
                text(N_("set aside")): translate.integer(plan.quarantined),
                text(N_("remarks")): translate.integer(len(plan.problems)),
            }
        )
    return lines


def receipt_sentences(receipt: Receipt, translate: Translator) -> list[str]:
    """What an import did, in sentences."""
    stored = sum(len(plan.new) + len(plan.changed) for plan in receipt.imported)
    sentences = [
        translate.plural(N_("Stored {count} row."), N_("Stored {count} rows."), stored),
    ]
    if receipt.skipped:
        sentences.append(
            translate.plural(
                N_("{count} file had been imported before and was left alone."),
                N_("{count} files had been imported before and were left alone."),
                len(receipt.skipped),
            )
        )
    if receipt.failed:
        sentences.append(
            translate.plural(
                N_("{count} file could not be read."),
                N_("{count} files could not be read."),
                len(receipt.failed),
            )
        )
    if receipt.quarantine:
        sentences.append(
            translate.text(
                N_(
                    "Rows and cells that need a decision are listed in {folder}, with row, column, "
                    "value, rule and fix."
                ),
                {"folder": receipt.quarantine[0].parent},
            )
        )
    return sentences
