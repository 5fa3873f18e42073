"""What an unchanged poll costs: its CPU against an empty view behind the same middleware that loads the user.

    python bench/poll.py            # in a database of its own, in memory; prints the ratio
    python bench/poll.py --rounds 9 --requests 400

Both answer in this process through the WSGI handler, interleaved in rounds; the figure is the median of the rounds'
ratios. The empty view reads `request.user`, so that session and user are loaded, and answers 204. Limit: 4.
"""

import argparse
import datetime as dt
import io
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rewards_site.settings")
os.environ.setdefault("LAUREL_VAR_DIR", tempfile.mkdtemp())
os.environ.setdefault("LOG_LEVEL", "WARNING")

import django
from django.conf import settings

settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
django.setup()

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import path

from rewards_site import urls

LIMIT = 4.0


def empty(request):
    """Loads the user and says nothing."""
    request.user.pk  # noqa: B018 - this loads it
    return HttpResponse(status=204)


def main() -> None:
    options = _options()
    urls.urlpatterns.append(path("bench-empty/", empty))
    call_command("migrate", verbosity=0)
    person = make_person_with_days()
    session = session_of(person)
    application = get_wsgi_application()
    digest = digest_of_page(session)
    requests = {"empty": ("/bench-empty/", ""), "poll": ("/scorecard/", f"v={digest}")}
    for name, (address, query) in requests.items():
        assert ask(application, address, query, session) == "204 No Content", name
        print(f"{name}: {queries(address, query, session)} queries")
    ratios = [ratio(application, requests, session, options.requests) for _round in range(options.rounds)]
    median = statistics.median(ratios)
    print(
        f"unchanged poll ÷ empty view: {median:.2f} (rounds {', '.join(f'{one:.2f}' for one in ratios)}), limit {LIMIT}"
    )
    sys.exit(median > LIMIT)


def make_person_with_days():
    """An agent with two years of scored days."""
    from people.tests.factories import make_division, make_person  # noqa: PLC0415 - needs the tables
    from scorecards.models import DivisionDay, Profile, ScoreDay  # noqa: PLC0415

    division = make_division("Bench", time_zone="Europe/Lisbon")
    person = make_person("Bea Bench", division=division, role="agent")
    at, profile = dt.datetime.now(dt.UTC), Profile.objects.get(is_default=True)
    days = [at.date() - dt.timedelta(number) for number in range(730)]
    ScoreDay.objects.bulk_create(
        ScoreDay(agent=person, workday=day, division=division, profile=profile, points=9, maximum=10, changed_at=at)
        for day in days
    )
    DivisionDay.objects.bulk_create(DivisionDay(division=division, workday=day, closed_at=at) for day in days[1:])
    return person


def session_of(person) -> str:
    client = Client()
    client.force_login(person)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def client_with(session: str) -> Client:
    client = Client(headers={"host": "localhost"})
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    return client


def digest_of_page(session: str) -> str:
    html = client_with(session).get("/scorecard/").content.decode()
    return html.split('data-v="')[1].split('"')[0]


def queries(address: str, query: str, session: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client_with(session).get(f"{address}?{query}", headers={"HX-Request": "true"})
    return len(captured)


def ratio(application, requests, session, count: int) -> float:
    spent = {}
    for name, (address, query) in requests.items():
        start = time.process_time()
        for _request in range(count):
            ask(application, address, query, session)
        spent[name] = time.process_time() - start
    return spent["poll"] / spent["empty"]


def ask(application, address: str, query: str, session: str) -> str:
    """One request straight into the WSGI application; its status line."""
    said = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": address,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "HTTP_HX_REQUEST": "true",
        "HTTP_COOKIE": f"{settings.SESSION_COOKIE_NAME}={session}",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.url_scheme": "http",
    }
    answer = application(environ, lambda status, headers: said.append(status))
    b"".join(answer)
    answer.close()
    return said[0]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=200)
    return parser.parse_args()


if __name__ == "__main__":
    main()
