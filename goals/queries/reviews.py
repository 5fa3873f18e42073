"""Reviews that wait, and what a reviewer needs to decide one."""

from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Count, QuerySet

from people.access import reach
from people.enums import Permission
from people.models import User

from ..models import Review, SnapshotMember
from ..rules.settle import TOTAL_UNITS


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
    rows = [
        Affected(
            found[pk],
            Fraction(frozen[pk].total) if pk in frozen else None,
            Fraction(parts[pk].total, TOTAL_UNITS) if pk in parts else None,
            standing.get(pk, 0),
            today[pk].points if pk in today else 0,
        )
        for pk in people
    ]
    return sorted(rows, key=lambda row: (row.points_standing == row.points_today, row.person.name))
