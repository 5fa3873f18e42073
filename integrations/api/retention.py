"""What is kept of a person who is erased: the scores, without what callers wrote beside them."""

from .models import GoalScore


def erase(person, *, at) -> None:
    """Takes away what callers said of a person's scores; where they came from stays, which makes them the same."""
    GoalScore.objects.filter(person=person).update(metadata={})
