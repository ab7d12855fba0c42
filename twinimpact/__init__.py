"""twinimpact: survey and impact evaluation for town twinning.

Survey exports and activity logs go in; evaluation reports that a town can put
into a funding application come out. Importing the package costs nothing: every
part is imported where it is used.
"""

__version__ = "0.1.0"
