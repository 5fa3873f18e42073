"""Writes of scorecards."""

from .closing import Closed, close_workdays, reopen
from .rescoring import Rescored, rescore

__all__ = ["Closed", "Rescored", "close_workdays", "reopen", "rescore"]
