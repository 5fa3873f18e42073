"""Writes of goals: closing periods, reconciling what was frozen, deciding reviews, changing terms."""

from .closing import Closed, Closing, close_periods
from .reconciling import Reconciled, compare, reconcile
from .reporting import ReportRefused, report_status
from .reviewing import AlreadyDecided, Choice, NothingToAdjust, NotYours, ReviewRefused, decide, require_may_decide
from .settings import ReasonNeeded, TermsRefused, publish_goal_terms

__all__ = [
    "AlreadyDecided",
    "Choice",
    "Closed",
    "Closing",
    "NotYours",
    "NothingToAdjust",
    "ReasonNeeded",
    "Reconciled",
    "ReportRefused",
    "ReviewRefused",
    "TermsRefused",
    "close_periods",
    "compare",
    "decide",
    "publish_goal_terms",
    "reconcile",
    "report_status",
    "require_may_decide",
]
