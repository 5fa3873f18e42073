"""Bodies of requests that do not come whole."""

import pytest
from django.http import UnreadablePostError

from foundation.pages.bodies import UnreadBody


def unreadable(cause: OSError) -> UnreadablePostError:
    """As Django raises it, from the server's error."""
    error = UnreadablePostError("not whole")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(("cause", "status"), [(ConnectionResetError(), 400), (TimeoutError(), 408)])
def test_body_that_does_not_come_whole_is_answered(rf, cause, status):
    assert UnreadBody(None).process_exception(rf.post("/"), unreadable(cause)).status_code == status


def test_other_errors_stay_errors(rf):
    assert UnreadBody(None).process_exception(rf.post("/"), TimeoutError()) is None
