"""Writes of scorecards."""

from .badges import Awarded, LevelEarned, award_badges, publish_badge
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
    "Awarded",
    "Closed",
    "LevelEarned",
    "ReasonMissing",
    "Rescored",
    "TermsAlreadyUsed",
    "TermsRefused",
    "assign_profile",
    "award_badges",
    "close_workdays",
    "copy_profile",
    "publish_badge",
    "publish_terms",
    "reopen",
    "rescore",
    "reset_scoring",
    "switch_scoring",
]
