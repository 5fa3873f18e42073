"""Writes of goals: closing periods, reconciling what was frozen, deciding reviews, changing terms."""

from .closing import Closed, Closing, close_periods
from .late import review_late_score
from .reconciling import Reconciled, compare, reconcile
from .reporting import ReportRefused, report_status
from .reviewing import AlreadyDecided, Choice, NothingToAdjust, NotYours, ReviewRefused, decide, require_may_decide
from .settings import ReasonNeeded, TermsRefused, create_goal, publish_goal_terms, revise_goal

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
    "create_goal",
    "decide",
    "publish_goal_terms",
    "reconcile",
    "report_status",
    "require_may_decide",
    "review_late_score",
    "revise_goal",
]
