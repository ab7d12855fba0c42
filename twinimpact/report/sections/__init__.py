"""The sections of the reports: each takes the bundle and returns what a cell shows."""

from twinimpact.report.sections.answers import answers_charts, responses, scale_means
from twinimpact.report.sections.change import change_chart, change_findings, change_table
from twinimpact.report.sections.comparison import comparison_cells, comparison_findings
from twinimpact.report.sections.council import (
    council_chart,
    council_facts,
    council_findings,
    council_options,
)
from twinimpact.report.sections.effort import (
    call_conditions,
    effort,
    lasting,
    references,
    targets,
)
from twinimpact.report.sections.firmness import change_firmness
from twinimpact.report.sections.limits import design_level, limits, withheld_list
from twinimpact.report.sections.losses import lost_people
from twinimpact.report.sections.opening import in_short, title
from twinimpact.report.sections.partnership import activity_timeline, partnership_facts, vitality
from twinimpact.report.sections.programme import (
    programme_coverage,
    programme_in_short,
    programme_reach,
)
from twinimpact.report.sections.programme_changes import (
    programme_designs,
    programme_findings,
    programme_forest,
    programme_reading,
)
from twinimpact.report.sections.programme_pooled import programme_pooled
from twinimpact.report.sections.quality import (
    quality_completeness,
    quality_excluded,
    quality_files,
    quality_matching,
    quality_problems,
    quality_summary,
)
from twinimpact.report.sections.quality_checks import quality_flags, quality_links
from twinimpact.report.sections.reach import (
    reach_by_country,
    reach_by_group,
    reach_counts,
    reach_per_inhabitants,
    reach_shares,
)

__all__ = [
    "activity_timeline",
    "answers_charts",
    "call_conditions",
    "change_chart",
    "change_findings",
    "change_firmness",
    "change_table",
    "comparison_cells",
    "comparison_findings",
    "council_chart",
    "council_facts",
    "council_findings",
    "council_options",
    "design_level",
    "effort",
    "in_short",
    "lasting",
    "limits",
    "lost_people",
    "partnership_facts",
    "programme_coverage",
    "programme_designs",
    "programme_findings",
    "programme_forest",
    "programme_in_short",
    "programme_pooled",
    "programme_reach",
    "programme_reading",
    "quality_completeness",
    "quality_excluded",
    "quality_files",
    "quality_flags",
    "quality_links",
    "quality_matching",
    "quality_problems",
    "quality_summary",
    "reach_by_country",
    "reach_by_group",
    "reach_counts",
    "reach_per_inhabitants",
    "reach_shares",
    "references",
    "responses",
    "scale_means",
    "targets",
    "title",
    "vitality",
    "withheld_list",
]
