"""Whether somebody went on from a page of this site."""

import pytest
from django.test import RequestFactory

from foundation.pages.origins import came_from_own_page


@pytest.mark.parametrize(
    ("headers", "is_own"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Referer": "http://testserver/team/"}, False),
        ({"Referer": "http://testserver/team/"}, True),
        ({"Referer": "http://testserver.example.com/"}, False),
        ({"Referer": "http://elsewhere.example.com/?http://testserver/"}, False),
        ({"Referer": "http://[broken"}, False),
        ({}, False),
    ],
)
def test_only_a_page_of_this_site_is_own(headers, is_own):
    assert came_from_own_page(RequestFactory().get("/team/", headers=headers)) == is_own
