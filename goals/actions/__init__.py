"""Writes of goals: closing periods, reconciling what was frozen, deciding reviews, changing terms."""

from .closing import Closed, Closing, close_periods

__all__ = ["Closed", "Closing", "close_periods"]
