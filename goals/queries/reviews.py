"""Reviews that wait, and what a reviewer needs to decide one."""

from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Count, QuerySet

from people.access import reach
from people.enums import Permission
from people.models import User

from ..models import Review, SnapshotMember
from ..rules.settle import value_of
from .terms import rule_terms


def reviews_for(viewer: User) -> QuerySet[Review]:
    """Reviews in the divisions where the viewer decides them, those that wait first, the oldest first."""
    where = reach(viewer, Permission.REVIEW)
    rows = Review.objects.select_related(
        "snapshot__goal__team__division", "snapshot__goal__metric", "snapshot__terms", "person", "decision__by"
    )
    rows = rows.annotate(decided=Count("decision"), affected=Count("snapshot__members")).order_by("decided", "at", "pk")
    return rows if where.everywhere else rows.filter(snapshot__goal__team__division__in=where.divisions)


@dataclass(frozen=True)
class Affected:
    """A person whose points hang on a review: what stands, what today's figures would give."""

    person: User
    frozen: Fraction | None
    today: Fraction | None
    points_standing: int
    points_today: int


def affected_by(review: Review, compared, standing: dict[int, int]) -> list[Affected]:
    """Everyone with a part in the frozen result or in today's."""
    frozen = {each.person_id: each for each in SnapshotMember.objects.filter(snapshot=compared.snapshot)}
    today = {each.person_id: each for each in (compared.now.members if compared.now else ())}
    parts = {each.person_id: each for each in (compared.gathered.contributions if compared.gathered else ())}
    people = frozen.keys() | today.keys()
    if review.person_id:
        people &= {review.person_id}
    found = User.objects.in_bulk(people)
    averages = rule_terms(compared.snapshot.goal, compared.snapshot.terms).averages
    rows = [
        Affected(
            found[pk],
            _frozen_part(frozen[pk], averages) if pk in frozen else None,
            value_of([parts[pk]], averages=averages) if pk in parts else None,
            standing.get(pk, 0),
            today[pk].points if pk in today else 0,
        )
        for pk in people
    ]
    return sorted(rows, key=lambda row: (row.points_standing == row.points_today, row.person.name))


def _frozen_part(member: SnapshotMember, averages: bool) -> Fraction | None:
    """As `value_of`, of what was frozen."""
    if not member.count:
        return None
    return Fraction(member.total) / Fraction(member.count) if averages else Fraction(member.total)
