"""What a goal comes to. `settle` is the one rule: preview, live status, closing, reconciling and API all call it.

Values are exact. A total is a whole number of 1e-5 of the unit, a count of 1e-3, thresholds are whole numbers of 1e-5.
SUM adds totals, AVERAGE divides the sum of totals by the sum of counts, never a mean of means. No data is BEHIND and is
never paid.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from ..enums import GoalStatus, Operator, PayForm, PayMode, Scope, Sharing, Unpaid
from .shares import share_out

TOTAL_UNITS = 100_000
COUNT_UNITS = 1000
WHOLE = 100


@dataclass(frozen=True)
class Thresholds:
    """`achieved` always, the middle two where the goal has them; all in 1e-5 of the unit."""

    operator: Operator
    achieved: int
    on_track: int | None = None
    at_risk: int | None = None

    def meets(self, value: Fraction, bound: int) -> bool:
        limit = Fraction(bound, TOTAL_UNITS)
        return value >= limit if self.operator == Operator.GTE else value <= limit


@dataclass(frozen=True)
class Pay:
    """What is paid. `points` at 100 percent: for each member, or shared. Scaled: a straight line from
    (`floor_percent`, `floor_points`) over (100, `points`) up to `cap_points`."""

    form: PayForm
    points: int
    mode: PayMode = PayMode.PER_MEMBER
    sharing: Sharing = Sharing.EQUITY
    floor_percent: Fraction = Fraction(WHOLE)
    floor_points: int = 0
    cap_points: int | None = None


@dataclass(frozen=True)
class Terms:
    """How a goal is settled."""

    scope: Scope
    averages: bool
    thresholds: Thresholds
    pay: Pay
    minimum_volume: int = 0
    """In counts of 1e-3; below it the result is BEHIND."""
    is_reported: bool = False
    """Value and status come from another system instead of the members' contributions."""
    eligible_share: Fraction = Fraction(1, 2)
    """A member needs data on at least this share of the period's workdays."""


@dataclass(frozen=True)
class Contribution:
    """One member's part. `guard_met`: None without a guard's data; `excluded`: paid from another pool."""

    person_id: int
    total: int = 0
    count: int = 0
    days: int = 0
    percent: int = WHOLE
    guard_met: bool | None = True
    excluded: bool = False


@dataclass(frozen=True)
class Reported:
    """What another system says of a goal's period."""

    status: GoalStatus
    value: Fraction | None = None


@dataclass(frozen=True)
class Facts:
    """`workdays`: how many workdays of the period had data of any member. `guard_met` is the team's guard; None when it
    has no data, True where there is no guard. `reported`: None until another system has said how a goal stands."""

    workdays: int
    guard_met: bool | None = True
    reported: Reported | None = None


@dataclass(frozen=True)
class MemberResult:
    """A member's points and, where they are zero, why. `value` and `status` are a member's own for individual goals."""

    person_id: int
    points: int = 0
    because: Unpaid | None = None
    eligible: bool = True
    value: Fraction | None = None
    status: GoalStatus | None = None


@dataclass(frozen=True)
class Settlement:
    """The result: the team's value, status and share (None for an individual goal), and each member's."""

    value: Fraction | None
    status: GoalStatus | None
    share: Fraction | None
    points: int
    because: Unpaid | None
    members: tuple[MemberResult, ...] = field(default=())

    @property
    def paid(self) -> dict[int, int]:
        return {each.person_id: each.points for each in self.members if each.points}


def settle(terms: Terms, contributions: Iterable[Contribution], facts: Facts) -> Settlement:
    """1. Value over all members, the excluded too. 2. Status. 3. Points. 4. Guard. 5. Shares of the eligible."""
    contributions = sorted(contributions, key=lambda each: each.person_id)
    if terms.scope == Scope.INDIVIDUAL:
        members = tuple(_alone(terms, each, facts) for each in contributions)
        return Settlement(None, None, None, sum(each.points for each in members), None, members)
    return _together(terms, contributions, facts)


def value_of(contributions: Sequence[Contribution], *, averages: bool) -> Fraction | None:
    """The value over members in natural units; None without data."""
    total, count = sum(each.total for each in contributions), sum(each.count for each in contributions)
    if not count:
        return None
    return Fraction(total * COUNT_UNITS, count * TOTAL_UNITS) if averages else Fraction(total, TOTAL_UNITS)


def status_of(value: Fraction | None, thresholds: Thresholds) -> GoalStatus:
    """The best status whose threshold the value meets. Total: every value, and no value, has one."""
    if value is None:
        return GoalStatus.BEHIND
    for status, bound in (
        (GoalStatus.ACHIEVED, thresholds.achieved),
        (GoalStatus.ON_TRACK, thresholds.on_track),
        (GoalStatus.AT_RISK, thresholds.at_risk),
    ):
        if bound is not None and thresholds.meets(value, bound):
            return status
    return GoalStatus.BEHIND


def share_of(value: Fraction | None, thresholds: Thresholds) -> Fraction | None:
    """Percent of the target reached: value ÷ target, for "at most" target ÷ value. None where that is undefined."""
    target = Fraction(thresholds.achieved, TOTAL_UNITS)
    over, under = (value, target) if thresholds.operator == Operator.GTE else (target, value)
    if value is None or not under or under < 0:
        return None
    return WHOLE * over / under


def points_at(value: Fraction | None, status: GoalStatus, terms: Terms) -> Fraction:
    """Exact points that a result is worth, before multipliers."""
    pay = terms.pay
    if value is None:
        return Fraction(0)
    if pay.form == PayForm.BINARY:
        return Fraction(pay.points if status in GoalStatus.paid_statuses else 0)
    share = share_of(value, terms.thresholds)
    if share is None:
        return Fraction(pay.points if status in GoalStatus.paid_statuses else 0)
    return _scaled(share, pay)


def _scaled(share: Fraction, pay: Pay) -> Fraction:
    if share < pay.floor_percent:
        return Fraction(0)
    top = pay.points if pay.cap_points is None else pay.cap_points
    if pay.floor_percent >= WHOLE:
        return Fraction(min(pay.points, top))
    rise = Fraction(pay.points - pay.floor_points) / (WHOLE - pay.floor_percent)
    return min(pay.floor_points + rise * (share - pay.floor_percent), Fraction(top))


def _result(terms: Terms, contributions: Sequence[Contribution], guard_met: bool | None):
    """Value, status, exact points and why there are none."""
    value = value_of(contributions, averages=terms.averages)
    if value is None:
        return None, GoalStatus.BEHIND, Fraction(0), Unpaid.NO_DATA
    if sum(each.count for each in contributions) < terms.minimum_volume:
        return value, GoalStatus.BEHIND, Fraction(0), Unpaid.TOO_LITTLE
    status = status_of(value, terms.thresholds)
    return _guarded(value, status, points_at(value, status, terms), guard_met)


def _reported_result(terms: Terms, facts: Facts):
    """As `_result`, from what another system reported: all or nothing."""
    if facts.reported is None:
        return None, GoalStatus.BEHIND, Fraction(0), Unpaid.NO_DATA
    status = facts.reported.status
    points = Fraction(terms.pay.points if status in GoalStatus.paid_statuses else 0)
    return _guarded(facts.reported.value, status, points, facts.guard_met)


def _guarded(value: Fraction | None, status: GoalStatus, points: Fraction, guard_met: bool | None):
    if not points:
        return value, status, points, Unpaid.NOT_REACHED
    if not guard_met:
        return value, status, Fraction(0), Unpaid.GUARD_NO_DATA if guard_met is None else Unpaid.GUARD
    return value, status, points, None


def _alone(terms: Terms, each: Contribution, facts: Facts) -> MemberResult:
    value, status, points, because = _result(terms, [each], each.guard_met)
    eligible = is_eligible(each, terms, facts)
    if because is None and (refused := _refused(each, eligible)):
        points, because = Fraction(0), refused
    return MemberResult(each.person_id, _whole(points, percent=each.percent), because, eligible, value, status)


def _together(terms: Terms, contributions: Sequence[Contribution], facts: Facts) -> Settlement:
    value, status, points, because = (
        _reported_result(terms, facts) if terms.is_reported else _result(terms, contributions, facts.guard_met)
    )
    share = None if terms.is_reported else share_of(value, terms.thresholds)
    eligible = {each.person_id: is_eligible(each, terms, facts) for each in contributions}
    paid = _paid(terms, [each for each in contributions if not _refused(each, eligible[each.person_id])], points)
    members = tuple(
        MemberResult(
            each.person_id,
            paid.get(each.person_id, 0),
            because or _refused(each, eligible[each.person_id]),
            eligible[each.person_id],
        )
        for each in contributions
    )
    return Settlement(value, status, share, sum(paid.values()), because, members)


def _refused(each: Contribution, eligible: bool) -> Unpaid | None:
    if each.excluded:
        return Unpaid.OTHER_POOL
    return None if eligible else Unpaid.NOT_ELIGIBLE


def is_eligible(each: Contribution, terms: Terms, facts: Facts) -> bool:
    """Whether a member has data on enough of the period's workdays."""
    share = terms.eligible_share
    return bool(each.days) and each.days * share.denominator >= share.numerator * facts.workdays


def _paid(terms: Terms, members: Sequence[Contribution], points: Fraction) -> dict[int, int]:
    """Whole points by person. Multipliers scale points for each member, and weigh the shares of a fixed number."""
    if terms.pay.mode == PayMode.PER_MEMBER:
        return {each.person_id: _whole(points, percent=each.percent) for each in members}
    return share_out(_whole(points), _weights(terms.pay.sharing, members))


def _weights(sharing: Sharing, members: Sequence[Contribution]) -> Mapping[int, Fraction]:
    if sharing == Sharing.EQUITY:
        return {each.person_id: Fraction(each.percent) for each in members}
    return {each.person_id: Fraction(max(each.total, 0) * each.percent) for each in members}


def _whole(points: Fraction, *, percent: int = WHOLE) -> int:
    """So many percent of the points, rounded half up; points are not negative."""
    unit = WHOLE * points.denominator
    return (2 * points.numerator * percent + unit) // (2 * unit)


# While a period runs ---------------------------------------------------------------------------------------------


def live_status(value: Fraction | None, terms: Terms, *, elapsed: int, length: int) -> GoalStatus:
    """The status so far: a growing sum is compared with its thresholds pro rata of elapsed workdays, and is ACHIEVED
    only at the full one. Nothing is ever paid from it."""
    full = status_of(value, terms.thresholds)
    if terms.averages or terms.thresholds.operator == Operator.LTE or full == GoalStatus.ACHIEVED or value is None:
        return full
    if not elapsed:
        return GoalStatus.ON_TRACK if terms.thresholds.on_track is not None else GoalStatus.BEHIND
    expected = status_of(value * length / elapsed, terms.thresholds)
    if expected == GoalStatus.ACHIEVED:
        return GoalStatus.ON_TRACK if terms.thresholds.on_track is not None else full
    return expected


def needed_a_day(value: Fraction | None, terms: Terms, *, days_left: int) -> Fraction | None:
    """What each remaining workday must bring to reach a growing sum; None where that does not apply."""
    if terms.averages or terms.thresholds.operator == Operator.LTE or not days_left:
        return None
    missing = Fraction(terms.thresholds.achieved, TOTAL_UNITS) - (value or 0)
    return max(missing, Fraction(0)) / days_left


# After it closed -------------------------------------------------------------------------------------------------


def within_tolerance(frozen: Fraction | None, now: Fraction | None, *, percent: Fraction) -> bool:
    """Whether today's value is within `percent` of the frozen one, relative to that; a frozen 0 must be equal."""
    if frozen is None or now is None or not frozen:
        return frozen == now
    return abs(now - frozen) * WHOLE <= percent * abs(frozen)
