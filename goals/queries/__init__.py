"""Reads of goals: which periods are due, the facts behind a result, and what people may see of it."""

from .due import Due, due_periods
from .facts import Gathered, gather
from .terms import rule_terms, terms_in_force

__all__ = ["Due", "Gathered", "due_periods", "gather", "rule_terms", "terms_in_force"]
