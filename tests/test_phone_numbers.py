"""Which numbers become E.164, and what is said about the others."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autosync.phone_numbers import UntextableNumber, to_e164


@pytest.mark.parametrize(
    ("written", "region", "expected"),
    [
        ("415-555-0100", "US", "+14155550100"),
        ("(415) 555-0199 x7", "us", "+14155550199"),
        ("+1 415 555 0100", None, "+14155550100"),
        ("tel:+1-415-555-0100;ext=5", None, "+14155550100"),
        ("tel:555-0100;phone-context=+1415", None, "+14155550100"),
        ("TEL:%2B14155550100", None, "+14155550100"),
        ("\u202a+1 415\u00a0555-0100\u202c", None, "+14155550100"),
        ('="4155550100"', "US", "+14155550100"),
        ("4155550100.0", "US", "+14155550100"),
        ("+1 555 555 0100", None, "+15555550100"),
        ("07700 900123", "GB", "+447700900123"),
        ("0170 1234567", "DE", "+491701234567"),
        ("030/901820", "DE", "+4930901820"),
        ("312345", "AD", "+376312345"),
        ("٤١٥٥٥٥٠١٠٠", "US", "+14155550100"),
    ],
)
def test_a_number_becomes_e164(written: str, region: str | None, expected: str) -> None:
    assert to_e164(written, default_region=region) == expected


@pytest.mark.parametrize(
    ("written", "region", "reason"),
    [
        ("", "US", "There is no phone number."),
        ("call me", "US", "'call me' is not a phone number."),
        ("4.15556E+09", "US", "shortened by a spreadsheet and its last digits are lost"),
        ("4,15556E+09", "DE", "shortened by a spreadsheet and its last digits are lost"),
        ("72345", "US", "short codes cannot be invited"),
        ("110", "DE", "short codes cannot be invited"),
        ("555-0100", "US", "has no area code"),
        ("415555010O", "US", "has too few digits"),
        ("415555OIOO", "US", "has letters where digits belong"),
        ("1-800-FLOWERS", "US", "has letters where digits belong"),
        ("491701234567", "US", "needs a plus before its code"),
        ("+1 415 555 01000", None, "has too many digits."),
        ("+1 415 055 0100", None, "look for a typing mistake"),
        ("415-555-0100", None, "has no country code"),
        ("415-555-0100", "XX", "'XX' is not a region"),
        ("+999 12345678", None, "begins with a country code that no country has"),
        ("+1 900 234 5678", None, "is a premium-rate number, which cannot receive texts."),
        ("+" + "4" * 300, None, "is too long for a phone number"),
    ],
)
def test_what_cannot_be_texted_is_refused_with_the_reason(written: str, region: str | None, reason: str) -> None:
    with pytest.raises(UntextableNumber) as refusal:
        to_e164(written, default_region=region)
    assert reason in str(refusal.value)
    assert len(str(refusal.value)) < 200


@settings(deadline=None)  # the first number of a country loads its rules
@given(st.one_of(st.text(), st.text("+0123456789 ()-;ext=", max_size=20)), st.sampled_from(["US", "DE", "XX", None]))
def test_any_text_is_refused_or_read_the_same_from_its_e164(written: str, region: str | None) -> None:
    try:
        e164 = to_e164(written, default_region=region)
    except UntextableNumber:
        e164 = "+14155550100"
    assert to_e164(e164, default_region=None) == e164
