"""The log: refusals in one line, errors with where they happened."""

import io
import logging

import pytest
from django.test import Client
from django.urls import reverse

from people.tests.factories import make_person


@pytest.fixture
def written():
    """What the console handler writes meanwhile."""
    (handler,) = (each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler)
    stream, handler.stream = handler.stream, io.StringIO()
    yield handler.stream
    handler.stream = stream


@pytest.mark.django_db
def test_refused_page_is_one_line(written):
    client = Client()
    client.force_login(make_person("Ada", role="agent"))
    assert client.get(reverse("imports:index")).status_code == 403
    assert "Forbidden" in written.getvalue()
    assert "Traceback" not in written.getvalue()


def test_error_keeps_its_traceback(written):
    try:
        raise RuntimeError("broken")
    except RuntimeError:
        logging.getLogger("django.request").error("Internal Server Error", exc_info=True, extra={"status_code": 500})
    assert "RuntimeError: broken" in written.getvalue()
