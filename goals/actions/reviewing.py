"""A person decides a review: post as frozen, adjust to today's figures, or void. Each is new rows; nothing is changed.

Neither who set the goal nor who would gain may decide. A pool never pays more than it holds.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from foundation.periods import Period
from inbox.enums import Kind
from ledger.actions import Order, accounts_of, post, remaining_of, single_account, take_back, transfer, void
from ledger.enums import AccountKind, Purpose
from ledger.models import Debt, Transfer
from people.access import require
from people.enums import Permission
from people.models import User

from ..enums import Decision, DecisionReason, EventType, Frequency, ReviewCause
from ..models import Adjustment, Payout, Review, ReviewDecision, Snapshot, SnapshotMember
from ..queries.standing import payout_reference, points_standing, settled_for, standing_snapshot
from ..rules.settle import Settlement
from .closing import Result, expires_on, snapshot_of, write_members
from .events import record_rewards
from .reconciling import Comparison, compare, pending_payouts
from .telling import tell_moved


class ReviewRefused(Exception):
    """A decision that cannot be taken; the message is a sentence for people."""


class AlreadyDecided(ReviewRefused):
    """Someone decided it before."""


class NothingToAdjust(ReviewRefused):
    """There are no figures today to adjust to."""


class NotYours(PermissionDenied):
    """Who set the goal, or would gain, does not decide."""


@dataclass(frozen=True)
class Choice:
    """What a person decided, for members and for supervisors."""

    decision: Decision
    reason: DecisionReason
    note: str = ""


@transaction.atomic
def decide(*, review: Review, choice: Choice, by: User, at: dt.datetime) -> ReviewDecision:
    """Ends a review. AlreadyDecided, NotYours, NothingToAdjust, or NotEnoughPoints when the pool lacks what is due."""
    Snapshot.objects.select_for_update().get(pk=review.snapshot_id)
    if ReviewDecision.objects.filter(review=review).exists():
        raise AlreadyDecided(_("This review was decided before."))
    goal, period = review.snapshot.goal, review.snapshot.period
    compared = compare(standing_snapshot(goal, period))
    require_may_decide(by, review, compared.now)
    standing = points_standing(goal, period)
    wanted = _wanted(review, choice.decision, compared, standing)
    corrected = _correct(review, compared, at=at) if choice.decision == Decision.ADJUST else None
    row = ReviewDecision.objects.create(
        review=review,
        decision=choice.decision,
        reason=choice.reason,
        note=choice.note,
        corrected=corrected,
        by=by,
        at=at,
    )
    _move(row, compared.snapshot, standing, wanted, by=by, at=at)
    return row


def require_may_decide(viewer: User, review: Review, now: Settlement | None) -> None:
    """Raises PermissionDenied without the right in the team's division, NotYours for the goal's setter and for whoever
    was or would be paid.
    """
    snapshot = review.snapshot
    require(viewer, Permission.REVIEW, division=snapshot.goal.team.division)
    if viewer.pk in {snapshot.goal.created_by_id, snapshot.terms.by_id}:
        raise NotYours(_("You set this goal; someone else decides about it."))
    gains = set(snapshot.members.filter(points__gt=0).values_list("person", flat=True)) | set(now.paid if now else ())
    if viewer.pk in gains:
        raise NotYours(_("You are paid by this goal; someone else decides about it."))


def _wanted(review: Review, decision: Decision, compared: Comparison, standing: Mapping[int, int]) -> dict[int, int]:
    """Points that each person of the review shall have in the end."""
    if decision == Decision.VOID:
        points: Mapping[int, int] = {}
    elif decision == Decision.ADJUST or review.cause == ReviewCause.POOL_SHORT:
        if compared.now is None:
            raise NothingToAdjust(_("The goal has no figures today; post or void it."))
        points = compared.now.paid
    else:
        points = standing
    people = standing.keys() | points.keys() if review.person_id is None else {review.person_id}
    return {person: points.get(person, 0) for person in sorted(people)}


def _correct(review: Review, compared: Comparison, *, at: dt.datetime) -> Snapshot:
    """A new row of the result with today's figures; of an individual goal for the reviewed member only."""
    old, period = compared.snapshot, _period(compared.snapshot)
    result = Result(compared.gathered, compared.now)
    new = snapshot_of(result, period, at=at, corrects=old)
    kept = list(old.members.exclude(person=review.person_id)) if review.person_id else []
    if review.person_id:
        new.points = sum(each.points for each in kept) + compared.now.paid.get(review.person_id, 0)
    new.save()
    result.snapshot = new
    write_members([result], only=review.person_id)
    for row in kept:
        row.pk, row.snapshot, row._state.adding = None, new, True
    SnapshotMember.objects.bulk_create(kept)
    return new


def _period(snapshot: Snapshot) -> Period:
    return Period(snapshot.starts_on, snapshot.ends_on, Frequency(snapshot.goal.frequency).kind)


@dataclass
class Moved:
    """What a decision moved for one person."""

    transfer: Transfer | None = None
    debt: Debt | None = None
    posted: int = 0
    voided: int = 0


@dataclass
class _Mover:
    """Brings each person from the points that stand to those that shall, with keys from the review's row."""

    row: ReviewDecision
    snapshot: Snapshot
    by: User
    at: dt.datetime
    pending: dict[int, Payout] = field(default_factory=dict)

    def move(self, person: User, before: int, after: int) -> Moved:
        payout = self.pending.get(person.pk)
        if payout and payout.transfer.points == after == before:
            return Moved(post(payout.transfer, by=self.by, at=self.at), posted=after)
        moved = Moved()
        if payout:
            moved.transfer = void(payout.transfer, by=self.by, at=self.at)
            moved.voided = payout.transfer.points
            before -= payout.transfer.points
        if after > before:
            moved.transfer, moved.posted = self._more(person, after - before), after - before
        elif after < before:
            self._less(person, before - after, moved)
        return moved

    def _key(self, person: User, more: str = "") -> str:
        return f"adjust:{self.row.review.public_id}:{person.public_id}{more}"

    def _more(self, person: User, points: int) -> Transfer:
        terms = self.snapshot.terms
        order = Order(
            debit=terms.pool or single_account(AccountKind.ISSUED),
            credit=accounts_of([person])[person.pk],
            points=points,
            key=self._key(person),
            purpose=Purpose.ADJUSTMENT,
            reference=payout_reference(self.snapshot.goal, self.snapshot.period),
            expires_on=expires_on(terms, at=self.at),
        )
        return transfer(order, by=self.by, at=self.at)

    def _less(self, person: User, points: int, moved: Moved) -> None:
        """Takes back from the newest transfer first, each as far as it still holds."""
        for number, row in enumerate(settled_for(self.snapshot.goal, self.snapshot.period, person.pk)):
            part = min(points, remaining_of(row))
            if part:
                taken = take_back(row, points=part, key=self._key(person, f":{number}"), by=self.by, at=self.at)
                moved.transfer = taken if isinstance(taken, Transfer) else moved.transfer
                moved.debt = Debt.objects.filter(key=self._key(person, f":{number}")).first() or moved.debt
                moved.voided += part
                points -= part


def _move(
    row: ReviewDecision,
    snapshot: Snapshot,
    standing: Mapping[int, int],
    wanted: Mapping[int, int],
    *,
    by: User,
    at: dt.datetime,
) -> None:
    """Brings everyone to the wanted points. Less first, so that a pool can pay more from what it gets back."""
    people = User.objects.in_bulk(wanted)
    pending = {payout.person_id: payout for payout in pending_payouts(snapshot)}
    mover = _Mover(row, snapshot, by, at, pending)
    order = sorted(wanted, key=lambda person: (wanted[person] - standing.get(person, 0), person))
    moves = {person: mover.move(people[person], standing.get(person, 0), wanted[person]) for person in order}
    Adjustment.objects.bulk_create(
        Adjustment(
            decision=row,
            person_id=person,
            points_before=standing.get(person, 0),
            points_after=wanted[person],
            transfer=moved.transfer,
            debt=moved.debt,
        )
        for person, moved in moves.items()
    )
    key = f"review:{row.review.public_id}"
    for kind, points in (
        (EventType.REWARD_VOIDED, sum(moved.voided for moved in moves.values())),
        (EventType.REWARD_POSTED, sum(moved.posted for moved in moves.values())),
    ):
        if points:
            record_rewards(kind, snapshot, key=key, points=points, at=at)
    posted = {person: moved.posted for person, moved in moves.items() if moved.posted}
    reversed_ = {person: moved.voided for person, moved in moves.items() if moved.voided and not moved.posted}
    tell_moved(Kind.REWARD_POSTED, snapshot, posted, key=key, at=at)
    tell_moved(Kind.REWARD_REVERSED, snapshot, reversed_, key=key, at=at)
