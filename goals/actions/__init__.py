"""Writes of goals: closing periods, reconciling what was frozen, deciding reviews, changing terms."""

from .closing import Closed, Closing, close_periods
from .reconciling import Reconciled, compare, reconcile
from .reviewing import AlreadyDecided, Choice, NothingToAdjust, NotYours, ReviewRefused, decide, require_may_decide

__all__ = [
    "AlreadyDecided",
    "Choice",
    "Closed",
    "Closing",
    "NotYours",
    "NothingToAdjust",
    "Reconciled",
    "ReviewRefused",
    "close_periods",
    "compare",
    "decide",
    "reconcile",
    "require_may_decide",
]
