"""A new evaluation: folder, commented settings, template workbooks."""

from twinimpact.scaffold.folder import new_workspace, slug
from twinimpact.scaffold.workbook import header_of

__all__ = ["header_of", "new_workspace", "slug"]
