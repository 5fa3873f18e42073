"""Finds what a command names, or says what there is instead."""

from django.core.management.base import CommandError

from people.models import Division, Role, User


def role_named(slug: str) -> Role:
    return _one(Role.objects.filter(slug=slug), Role, "slug", f"There is no role “{slug}”.")


def division_named(name: str) -> Division:
    return _one(Division.objects.filter(name=name), Division, "name", f"There is no division “{name}”.")


def person_with_email(email: str) -> User:
    person = User.objects.filter(email__iexact=email).first()
    if person is None:
        raise CommandError(f"Nobody has the e-mail address {email}. Make them with: manage.py create_person")
    return person


def _one(found, model, key: str, complaint: str):
    row = found.first()
    if row is None:
        known = ", ".join(model.objects.order_by(key).values_list(key, flat=True)) or "none yet"
        raise CommandError(f"{complaint} Known: {known}.")
    return row
