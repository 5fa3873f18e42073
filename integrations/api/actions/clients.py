"""Writes of clients: made, given rights, their secret renewed, switched off."""

import datetime as dt
from collections.abc import Iterable

from django.contrib.auth.hashers import make_password
from django.db import transaction
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import AccessToken, Grant, RefreshToken

from people.actions import create_service, grant_role, revoke_role
from people.models import Division, Role, User

from ..enums import Acting
from ..models import Client, every_scope

OLD_SECRET_HOLDS = dt.timedelta(days=7)


@transaction.atomic
def create_client(
    *,
    name: str,
    role: Role | None,
    divisions: Iterable[Division] = (),
    acting: Acting = Acting.ITSELF,
    scopes: Iterable[str] | None = None,
    by: User | None,
    at: dt.datetime,
) -> tuple[Client, str]:
    """A client and its secret, which is not kept. Without divisions its role holds everywhere. GrantOutOfReach."""
    client = Client(name=name, scopes=every_scope() if scopes is None else list(scopes))
    client.acting = acting
    return client, start_client(client, role=role, divisions=divisions, by=by, at=at)


@transaction.atomic
def start_client(
    client: Client, *, role: Role | None, divisions: Iterable[Division], by: User | None, at: dt.datetime
) -> str:
    """Saves a client that was filled in, with who it acts as. Its secret."""
    secret = client.client_secret = generate_client_secret()
    client.person = create_service(name=client.name, at=at)
    client.save()
    set_rights(client=client, role=role, divisions=divisions, by=by, at=at)
    return secret


@transaction.atomic
def set_rights(
    *, client: Client, role: Role | None, divisions: Iterable[Division], by: User | None, at: dt.datetime
) -> None:
    """The client's one role in these divisions, everywhere without any, in place of what it had. GrantOutOfReach."""
    wanted = {(role, division) for division in (list(divisions) or [None])} if role else set()
    held = {(grant.role, grant.division): grant for grant in client.person.grants.select_related("role", "division")}
    for key, grant in held.items():
        if key not in wanted:
            revoke_role(grant=grant, by=by, at=at)
    for granted, division in wanted - set(held):
        grant_role(person=client.person, role=granted, division=division, by=by, at=at)


@transaction.atomic
def rename(*, client: Client, name: str) -> None:
    """Client and who it acts as have one name, so that lists of who sees what say it."""
    User.objects.filter(pk=client.person_id).update(name=name)
    Client.objects.filter(pk=client.pk).update(name=name)


@transaction.atomic
def renew_secret(*, client: Client, at: dt.datetime) -> str:
    """A new secret; the old one holds for `OLD_SECRET_HOLDS`, so that nothing stops while it is exchanged."""
    secret = generate_client_secret()
    client.previous_secret, client.previous_until = client.client_secret, at + OLD_SECRET_HOLDS
    client.client_secret = make_password(secret)
    client.save(update_fields=["client_secret", "previous_secret", "previous_until", "updated"])
    return secret


@transaction.atomic
def revoke(*, client: Client) -> None:
    """Ends every token of a client, and a secret that still holds from before a rotation."""
    for model in (AccessToken, RefreshToken, Grant):
        model.objects.filter(application=client).delete()
    Client.objects.filter(pk=client.pk).update(previous_secret="", previous_until=None)
