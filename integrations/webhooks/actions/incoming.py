"""Events come in. Receiving only keeps them; beat asks the source's status address, outside transactions, and hands
what is locked there to the linked goal, which pays when its period closes.
"""

import datetime as dt
import hashlib
import time
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from foundation.periods import parse_period
from goals.actions import ReportRefused, report_status
from goals.enums import GoalStatus

from ..models import Handling, Report, ReportState, Source
from ..queries import goal_of, is_linked, status_url_of
from ..rules.backoff import STEPS
from ..rules.reports import Answer, ReportedStatus, judge
from ..sending import ask
from .outgoing import new_secret

LEASE = dt.timedelta(seconds=60)
BUDGET_SECONDS = 20.0
OLD_SECRET_HOLDS = dt.timedelta(days=7)


class ContentDiffers(Exception):
    """The same event id came before, with other content."""


@dataclass
class Asked:
    """What a run did."""

    taken: int = 0
    waiting: int = 0
    manual: int = 0


def start_source(source: Source) -> Source:
    """A new source gets its secret."""
    source.secret = new_secret()
    source.save()
    return source


def renew_secret(source: Source, *, at: dt.datetime) -> Source:
    """A new secret; the old one holds for a week more, so that the source can change over."""
    source.old_secret, source.old_secret_until = source.secret, at + OLD_SECRET_HOLDS
    source.secret = new_secret()
    source.save(update_fields=["secret", "old_secret", "old_secret_until"])
    return source


def keep(source: Source, *, event_id: str, body: bytes, reported: ReportedStatus, at) -> Report:
    """Keeps an event once. The same again returns the first row; ContentDiffers when it says something else.

    An event for a goal that nobody linked waits for a person from the start.
    """
    digest = hashlib.sha256(body).hexdigest()
    has_goal = is_linked(source, reported.external_goal)
    fields = {
        "digest": digest,
        "external_goal": reported.external_goal,
        "period": reported.period,
        "status": reported.status,
        "value": reported.value,
        "body": body.decode("utf-8", "replace").replace("\x00", ""),
        "state": ReportState.WAITING if has_goal else ReportState.MANUAL,
        "why": "" if has_goal else _("No goal here is linked to this one."),
        "next_at": at,
        "received_at": at,
    }
    report, is_new = Report.objects.get_or_create(source=source, event_id=event_id, defaults=fields)
    if not is_new and report.digest != digest:
        raise ContentDiffers
    return report


def ask_sources(*, at: dt.datetime) -> Asked:
    """Asks the status address for each report whose time has come, oldest first."""
    done, began = Asked(), time.monotonic()
    due = Report.objects.filter(state=ReportState.WAITING, next_at__lte=at, source__is_on=True)
    for report in due.select_related("source").order_by("next_at", "pk"):
        if time.monotonic() - began > BUDGET_SECONDS:
            break
        if _claim(report, at=at):
            with override("en"):
                state = _ask(report, at=at)
            done.taken += state == ReportState.TAKEN
            done.waiting += state == ReportState.WAITING
            done.manual += state == ReportState.MANUAL
    return done


def _claim(report: Report, *, at: dt.datetime) -> bool:
    free = Report.objects.filter(pk=report.pk, state=ReportState.WAITING, next_at=report.next_at)
    return free.update(next_at=at + LEASE) == 1


def _ask(report: Report, *, at: dt.datetime) -> ReportState:
    """1. Ask, outside any transaction. 2. Locked: report to the goal, and note it, together."""
    found = ask(status_url_of(report), report.source.status_token)
    verdict = judge(found.text, _reported(report)) if found.is_taken else Answer.NONE
    answer = found.text if found.status is not None else found.error
    if verdict == Answer.LOCKED:
        return take(report, what=_("The source says: locked."), answer=answer, by=None, at=at)
    if verdict == Answer.OTHER:
        return _note(report, ReportState.MANUAL, _("The source says another value or status."), answer, at=at)
    what = _("The source says: not locked yet.") if verdict == Answer.NOT_LOCKED else _no_answer(found)
    patience = dt.timedelta(hours=report.source.patience_hours)
    state = ReportState.MANUAL if at >= report.received_at + patience else ReportState.WAITING
    return _note(report, state, what, answer, at=at)


def _no_answer(found) -> str:
    if found.status is None:
        return _("The source did not answer.")
    return _("The source answered %(status)s, with nothing that says whether it is locked.") % {"status": found.status}


def _reported(report: Report) -> ReportedStatus:
    return ReportedStatus(report.external_goal, report.period, GoalStatus(report.status), report.value)


def take(report: Report, *, what: str, answer: str = "", by, at: dt.datetime) -> ReportState:
    """Hands a report to the goal that is linked to it; what the goal refuses waits for a person."""
    goal = goal_of(report)
    if goal is None:
        return _note(report, ReportState.MANUAL, _("No goal here is linked to this one."), answer, by=by, at=at)
    try:
        with transaction.atomic():
            report_status(
                goal,
                period=parse_period(report.period),
                status=GoalStatus(report.status),
                value=report.value,
                source=f"{report.source.name}: {report.event_id}"[:200],
                at=at,
            )
            return _note(report, ReportState.TAKEN, what, answer, by=by, at=at)
    except (ReportRefused, IntegrityError) as error:
        return _note(report, ReportState.MANUAL, str(error), answer, by=by, at=at)


@transaction.atomic
def _note(report: Report, state: ReportState, what: str, answer: str = "", *, by=None, at: dt.datetime) -> ReportState:
    Handling.objects.create(report=report, state=state, what=what[:300], answer=answer[:500], by=by, at=at)
    asked = report.tries + (by is None)
    Report.objects.filter(pk=report.pk).update(
        state=state,
        why="" if state == ReportState.TAKEN else what[:300],
        tries=asked,
        next_at=at + STEPS[min(max(asked - 1, 0), len(STEPS) - 1)],
    )
    return state


def ask_again(report: Report, *, by, at: dt.datetime) -> None:
    """The source is asked once more, with the next run."""
    _note(report, ReportState.WAITING, _("To be asked again."), by=by, at=at)
    Report.objects.filter(pk=report.pk).update(next_at=at)


def discard_report(report: Report, *, reason: str, by, at: dt.datetime) -> None:
    """Nothing comes of the report."""
    _note(report, ReportState.DISCARDED, reason, by=by, at=at)
