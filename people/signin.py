"""How sign-in differs from what allauth and axes do by themselves."""

import datetime as dt
import ipaddress
import math

from allauth.account.adapter import DefaultAccountAdapter
from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

NO_ADDRESS = "0.0.0.0"
"""Stands for every visitor of a server that listens on a socket file with no proxy that tells."""


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by administrators and imports, never by visitors."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("This e-mail address and password do not belong together. Please try again."),
    }

    def is_open_for_signup(self, request):
        return False

    def set_password(self, user, password):
        """A new password, by mail or after the old one, ends a lock: there is nothing left to guess."""
        super().set_password(user, password)
        AccessAttempt.objects.filter(username=(user.email or "").lower()).delete()

    def get_client_ip(self, request):
        return client_address(request)


@login_not_required
def not_offered(request):
    """Stands where allauth expects a page that Laurel has not: people do not change their own e-mail address."""
    raise Http404


def client_address(request) -> str:
    """The visitor's address: what the proxy in front saw, where there is one; never what a visitor says.

    A proxy appends the address that it saw to X-Forwarded-For, so the last one is true.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.LAUREL_BEHIND_PROXY else ""
    candidates = (forwarded.split(",")[-1].strip(), request.META.get("REMOTE_ADDR", ""))
    return next((each for each in candidates if _is_address(each)), NO_ADDRESS)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def attempted_name(request, credentials=None) -> str:
    """Whose password was tried. In lower case, as e-mail addresses are compared: case gives no fresh attempts."""
    given = {**request.POST.dict(), **(credentials or {})}
    name = given.get("email") or given.get("username") or given.get("login") or ""
    return str(name).strip().lower()[:255]


def locked_page(request, response=None, credentials=None):
    """Says kindly how long sign-in stays locked, with status 429."""
    wait = _wait(request, credentials)
    context = {"minutes": max(1, math.ceil(wait.total_seconds() / 60))}
    page = render(request, "account/locked.html", context, status=429)
    page["Retry-After"] = str(max(1, math.ceil(wait.total_seconds())))
    return page


def _wait(request, credentials) -> dt.timedelta:
    """From now until the last failed attempt has cooled off."""
    attempts = AccessAttempt.objects.filter(
        username=attempted_name(request, credentials), ip_address=client_address(request)
    )
    last = attempts.order_by("-attempt_time").values_list("attempt_time", flat=True).first()
    return last + get_cool_off(request) - timezone.now() if last else get_cool_off(request)
