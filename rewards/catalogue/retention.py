"""What erasing a person takes out of the catalogue."""

from .actions import cancel_open_requests
from .models import Decision


def erase(person, *, at) -> None:
    """Gives back what they had asked for and not received, and empties the reasons that others gave them. The requests
    stay, under the name that is left.
    """
    cancel_open_requests(person, at=at)
    Decision.objects.filter(request__person=person).empty_texts()
