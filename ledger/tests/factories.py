"""People with reward accounts, and a funded pool."""

import datetime as dt
import itertools

from ledger.actions import account_of, fund_pool
from ledger.enums import AccountKind
from ledger.models import Account
from people.models import User

NOW = dt.datetime(2024, 10, 1, 9, tzinfo=dt.UTC)
_numbers = itertools.count(1)


def make_account(name: str = "Ada Lovelace") -> Account:
    return account_of(User.objects.create_user(name=name))


def make_pool(points: int = 1000, key: str = "") -> Account:
    pool = Account.objects.create(kind=AccountKind.POOL, key=key or f"RPOOL_{next(_numbers)}")
    if points:
        fund_pool(pool, points=points, key=f"fund:{pool.key}", by=None, at=NOW)
    return pool
