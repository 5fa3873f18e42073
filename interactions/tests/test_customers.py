"""One key for a customer, however the number is written."""

import pytest
from django.core.checks import run_checks

from interactions.queries import customer_key_of
from interactions.rules.customers import customer_key, spelled


@pytest.mark.parametrize(
    "written",
    [
        "+4930123456",
        " +49 30 123456 ",
        "+49 (0)30 123-456",
        "0049 30 123456",
        "030 123456",
        "(030) 12 34 56",
        "030/123456",
        "030\u2013123456",
        "4930123456",
        "tel:+49-30-123456",
        "sip:+4930123456@pbx.example;user=phone",
        "＋４９３０１２３４５６",
    ],
)
def test_number_is_one_however_it_is_written(written):
    assert spelled(written, region="DE") == "+4930123456"


@pytest.mark.parametrize(
    ("region", "written", "read"),
    [
        ("", "+49 30 123456", "+4930123456"),
        ("", "030 123456", "030 123456"),
        ("AT", "+49 30 123456", "+4930123456"),
        ("US", "(202) 555-0143", "+12025550143"),
        ("US", "1-202-555-0143", "+12025550143"),
        ("US", "011 49 30 123456", "+4930123456"),
        ("IT", "393 123 4567", "+393931234567"),
        ("IT", "393931234567", "+393931234567"),
    ],
)
def test_number_without_a_country_is_read_in_the_region(region, written, read):
    assert spelled(written, region=region) == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (" Anna.Möller@Example.COM ", "anna.möller@example.com"),
        ("Anna.Mo\u0308ller@example.com", "anna.möller@example.com"),
        ("sip:Anna@Example.com", "sip:anna@example.com"),
        (" C-030123456 ", "C-030123456"),
        ("c-030123456", "c-030123456"),
        ("4711", "4711"),
        ("550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440000"),
        ("+1", "+1"),
        ("+" + "1" * 300, "+" + "1" * 300),
    ],
)
def test_what_is_no_number_stands_as_it_is(written, read):
    assert spelled(written, region="DE") == read


@pytest.mark.parametrize(
    "written", ["", "  ", "anonymous", "Anonymous", "RESTRICTED", "+266696687", "sip:anonymous@anonymous.invalid"]
)
def test_withheld_number_is_nobodys(written):
    assert customer_key(written, secret="s", region="DE") == ""


def test_key_is_of_the_secret_and_of_the_number():
    keys = {customer_key(n, secret=s, region="DE") for n in ("030 1234567", "030 1234568") for s in ("s", "t")}
    assert {len(key) for key in keys} == {64}
    assert len(keys) == 4


def test_region_and_secret_are_settings(settings):
    settings.LAUREL_PHONE_REGION, settings.CUSTOMER_KEY_SECRET = "DE", "s"
    assert customer_key_of("030 123456") == customer_key("+4930123456", secret="s", region="")


@pytest.mark.parametrize(("region", "told"), [("", []), ("DE", []), ("GERMANY", ["laurel.E001"])])
def test_region_that_is_none_is_told_before_anything_starts(settings, region, told):
    settings.LAUREL_PHONE_REGION = region
    assert [error.id for error in run_checks() if error.id == "laurel.E001"] == told
