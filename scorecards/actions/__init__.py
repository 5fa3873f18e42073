"""Writes of scorecards."""

from .closing import Closed, close_workdays, reopen
from .rescoring import Rescored, rescore
from .settings import (
    ReasonMissing,
    TermsAlreadyUsed,
    TermsRefused,
    assign_profile,
    copy_profile,
    publish_terms,
    reset_scoring,
    switch_scoring,
)

__all__ = [
    "Closed",
    "ReasonMissing",
    "Rescored",
    "TermsAlreadyUsed",
    "TermsRefused",
    "assign_profile",
    "close_workdays",
    "copy_profile",
    "publish_terms",
    "reopen",
    "rescore",
    "reset_scoring",
    "switch_scoring",
]
