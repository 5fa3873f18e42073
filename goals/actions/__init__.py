"""Writes of goals: closing periods, reconciling what was frozen, deciding reviews, changing terms."""

from .closing import Closed, Closing, close_periods
from .reconciling import Reconciled, compare, reconcile
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
    "ReviewRefused",
    "TermsRefused",
    "close_periods",
    "compare",
    "decide",
    "publish_goal_terms",
    "reconcile",
    "require_may_decide",
]
