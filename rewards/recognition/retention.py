"""What erasing a person takes out of recognition."""

from django.db.models import Q

from .models import Gift, LeadBudget, TakenBack


def erase(person, *, at) -> None:
    """Empties the notes that a person gave and received, and why some were taken back; a budget of their own goes. The
    points stay.
    """
    LeadBudget.objects.filter(person=person).delete()
    theirs = Q(giver=person) | Q(recipient=person)
    Gift.objects.filter(theirs).empty_texts()
    TakenBack.objects.filter(gift__in=Gift.objects.filter(theirs)).empty_texts()
