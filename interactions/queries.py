"""Reads of interactions."""

from django.conf import settings

from .rules.customers import customer_key


def customer_key_of(text: str) -> str:
    """The key of a customer's number, address or id, whichever way it came in. Empty for one who is not known."""
    return customer_key(text, secret=settings.CUSTOMER_KEY_SECRET, region=settings.LAUREL_PHONE_REGION)
