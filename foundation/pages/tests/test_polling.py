"""The digest of a poll."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxMiddleware

from foundation.pages import polling


def request(query="", **headers):
    made = RequestFactory().get(f"/{query}", headers=headers)
    HtmxMiddleware(lambda _request: HttpResponse())(made)
    return made


def test_digest_changes_with_any_stamp_and_only_then():
    assert polling.digest_of(1, "a") == polling.digest_of(1, "a")
    assert len({polling.digest_of(1, "a"), polling.digest_of("1a"), polling.digest_of(1, "b")}) == 3


@pytest.mark.parametrize(
    ("query", "headers", "expected"),
    [("?v=abc", {"HX-Request": "true"}, True), ("?v=old", {"HX-Request": "true"}, False), ("?v=abc", {}, False)],
)
def test_only_a_poll_that_shows_the_digest_is_unchanged(query, headers, expected):
    assert polling.unchanged(request(query, **headers), "abc") is expected


def test_no_change_answers_204_and_varies():
    response = polling.no_change()
    assert (response.status_code, response["Vary"]) == (204, "HX-Request")
