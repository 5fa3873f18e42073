"""Gifts made the short way."""

import datetime as dt
import uuid

from rewards.recognition.actions import Given, give
from rewards.recognition.enums import Kind
from rewards.recognition.models import Budget, Gift

NOW = dt.datetime.now(dt.UTC)


def make_budget(lead=100, peer=20, pair=10) -> Budget:
    return Budget.objects.create(lead_points=lead, peer_points=peer, pair_points=pair)


def make_gift(by, to, *, points=0, kind=Kind.RECOGNITION, note="Well done", token=None, at=None) -> Gift:
    given = Given(kind, to, points, note, token or uuid.uuid4())
    return give(given, by=by, at=at or NOW)
