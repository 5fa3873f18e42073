"""Clients, tokens, and calls with them."""

import datetime as dt
import itertools
import json
import secrets

from django.test import Client as Browser
from django.utils import timezone
from oauth2_provider.models import AccessToken, set_token_value

from integrations.api.actions import create_client
from integrations.api.enums import SCOPES, Acting
from integrations.api.models import Client
from people.tests.factories import grant

_numbers = itertools.count(1)


def make_client(role=None, *divisions, name="", acting=Acting.ITSELF, **fields) -> Client:
    """A client with a shipped role, everywhere or in some divisions."""
    client, _ = create_client(
        name=name or f"Client {next(_numbers)}", role=None, acting=acting, by=None, at=timezone.now()
    )
    Client.objects.filter(pk=client.pk).update(**fields)
    for division in divisions or [None]:
        if role:
            grant(client.person, role, division=division)
    client.refresh_from_db()
    return client


def make_token(client, *, person=None, scopes=SCOPES, hours=1) -> str:
    """A token of a client, for itself or for a person."""
    raw = secrets.token_urlsafe(24)
    token = AccessToken(
        application=client, user=person, scope=" ".join(scopes), expires=timezone.now() + dt.timedelta(hours=hours)
    )
    set_token_value(token, raw)
    token.save()
    return raw


class Caller:
    """Calls the API with one token."""

    def __init__(self, token: str = ""):
        self.browser = Browser(headers={"Authorization": f"Bearer {token}"} if token else {})

    def call(self, method, path, body=None, **headers):
        """An answer, with what it holds as `answer.told`."""
        answer = self.browser.generic(
            method,
            path if path.startswith("/") else f"/api/v2/{path}",
            "" if body is None else json.dumps(body),
            content_type="application/json",
            headers=headers,
        )
        answer.told = json.loads(answer.content) if answer.content else None
        return answer

    def get(self, path, **query):
        return self.call(
            "GET", path + ("?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else "")
        )

    def post(self, path, body=None, **headers):
        return self.call("POST", path, body, **headers)

    def put(self, path, body=None):
        return self.call("PUT", path, body)

    def patch(self, path, body=None):
        return self.call("PATCH", path, body)

    def delete(self, path):
        return self.call("DELETE", path)


def calling(role=None, *divisions, person=None, scopes=SCOPES, **fields) -> Caller:
    """Calls of a client of their own: for itself with a role, or for a person."""
    return Caller(make_token(make_client(role, *divisions, **fields), person=person, scopes=scopes))
