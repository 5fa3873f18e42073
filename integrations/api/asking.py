"""Who asks, about whom, and of which days: what most operations begin with."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field

from people.models import User
from people.queries import zone_of_reader
from scorecards.page_queries import Subject, subject_for

from .problems import Problem
from .wire import Ref, uuid_of

MOST_DAYS = 366
Workday = Annotated[dt.date, Field(ge=dt.date(1970, 1, 1), le=dt.date(2200, 1, 1))]
Group = Literal["PerformanceProfile", "Division"]


def viewer_of(request) -> User:
    return request.call.caller.viewer


def person_of(request) -> User:
    """Who “me” is. A client that calls for itself is nobody."""
    if not request.call.caller.is_person:
        raise Problem(400, "This needs the token of a person. A client that calls for itself is nobody’s “me”.")
    return viewer_of(request)


def today_of(request) -> dt.date:
    """The viewer's today."""
    return request.call.at.astimezone(zone_of_reader(viewer_of(request), at=request.call.at)).date()


def subject_of(request, user_id: str | None = None) -> Subject:
    """The person whose figures are asked for, when the viewer may see them; without an id, “me”."""
    public_id = person_of(request).public_id if user_id is None else uuid_of(user_id)
    return subject_for(viewer_of(request), public_id, at=request.call.at)


def days_of(start: dt.date, end: dt.date) -> list[dt.date]:
    """Each day from `start` to `end`, both inclusive."""
    if end < start:
        raise Problem(400, "endWorkday lies before startWorkday.")
    if (end - start).days >= MOST_DAYS:
        raise Problem(400, f"At most {MOST_DAYS} days can be asked for at once.")
    return [start + dt.timedelta(days) for days in range((end - start).days + 1)]


def user_ref(person: User) -> Ref:
    return Ref(id=str(person.public_id), self_uri=f"/api/v2/users/{person.public_id}")
