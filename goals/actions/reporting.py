"""Another system says how a goal stands. It is taken once for a period, and pays through the goal's own close."""

import datetime as dt
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from foundation.jobs.actions import claim
from foundation.periods import Period

from ..enums import Counted, Frequency, GoalStatus
from ..models import Goal, ReportedResult
from ..queries.due import first_period
from .closing import JOB


class ReportRefused(Exception):
    """A report that the goal does not take; the message is a sentence for people."""


@transaction.atomic
def report_status(
    goal: Goal, *, period: Period, status: GoalStatus, value: Decimal | None, source: str, at: dt.datetime
) -> ReportedResult:
    """Records the status of a goal's period. The same status again returns the first report; another is refused.

    Nothing is paid here: the period closes, waits and is posted as every other.
    """
    claim(JOB)
    _require_fitting(goal, period)
    known = ReportedResult.objects.filter(goal=goal, period=period.key).first()
    if known is None:
        return ReportedResult.objects.create(
            goal=goal, period=period.key, status=status, value=value, source=source, at=at
        )
    if known.status != status:
        raise ReportRefused(
            _("%(period)s was reported as %(before)s before; %(status)s cannot replace it.")
            % {"period": period.key, "before": known.get_status_display(), "status": GoalStatus(status).label}
        )
    return known


def _require_fitting(goal: Goal, period: Period) -> None:
    if goal.counted != Counted.REPORTED:
        raise ReportRefused(_("“%(goal)s” does not take its status from another system.") % {"goal": goal})
    if not goal.is_active:
        raise ReportRefused(_("“%(goal)s” is not active.") % {"goal": goal})
    if period.kind != Frequency(goal.frequency).kind:
        raise ReportRefused(
            _("“%(goal)s” is %(frequency)s; %(period)s is not such a period.")
            % {"goal": goal, "frequency": goal.get_frequency_display(), "period": period.key}
        )
    if period.start < first_period(goal).start or (goal.ends_on and period.end > goal.ends_on):
        raise ReportRefused(_("%(period)s is not a period of “%(goal)s”.") % {"goal": goal, "period": period.key})
