"""Who a customer is, as far as Laurel needs to know: the same one again, or another."""

import contextlib
import hmac
import re
import unicodedata
from hashlib import sha256

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

WITHHELD = {"anonymous", "blocked", "private", "restricted", "unavailable", "unknown", "withheld"}
"""What telephone systems send in place of a number that the caller does not show."""
WITHHELD_BY_KEYS = {"+" + phonenumbers.convert_alpha_characters_in_number(word) for word in WITHHELD}
"""The same as the keys of a telephone spell it, which some send: +266696687 is *anonymous*."""
ADDRESS = re.compile(r"(?:tel|sips?):([^@;]+).*", re.IGNORECASE)
"""The number, or the name, within `tel:+49-30-123456` and `sip:+4930123456@example.com`."""
PLUS = ("+", "＋")
NUMBER = re.compile(r"[+＋]?[\d\s()./\-\u2010-\u2015\u2212]+")
"""Digits and what people write between them. A letter makes it something else, such as an id of another system."""


def customer_key(text: str, *, secret: str, region: str) -> str:
    """A customer's number, address or id as a keyed hash that leads back to nobody, the same however it is written.
    Empty for one who is not known.
    """
    told = spelled(text, region=region)
    return hmac.new(secret.encode(), told.encode(), sha256).hexdigest() if told else ""


def spelled(text: str, *, region: str) -> str:
    """One way of writing for all: telephone numbers in E.164, e-mail addresses in lower case, anything else as it
    stands. Empty for a number that was withheld.

    `region` (`DE`) is where numbers without a country are from. Without it these stand as they are written.
    """
    text = unicodedata.normalize("NFC", text).strip()
    address = ADDRESS.fullmatch(text)
    name = address[1].strip() if address else text
    if name.casefold() in WITHHELD or name in WITHHELD_BY_KEYS:
        return ""
    if NUMBER.fullmatch(name) and (number := _e164(name, region)):
        return number
    return text.casefold() if "@" in text else text


def _e164(text: str, region: str) -> str:
    """`+4930123456`; empty where it is no number that can be. With its + it need not be one that is in use."""
    is_one = phonenumbers.is_possible_number if text.startswith(PLUS) else phonenumbers.is_valid_number
    for reading in _readings(text, region):
        with contextlib.suppress(NumberParseException):
            if is_one(number := phonenumbers.parse(reading, region or None)):
                return phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return ""


def _readings(text: str, region: str):
    """A number, and before it the one with its country where only the + is missing: many telephone systems send
    `4930123456`, and spreadsheets lose the +.
    """
    country = phonenumbers.country_code_for_region(region) if region else 0
    if country and text.startswith(str(country)):
        yield "+" + text
    yield text
