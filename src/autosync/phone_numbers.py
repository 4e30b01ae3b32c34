"""Phone numbers as people write them, turned into E.164.

`to_e164` gives a number that a text can be sent to, or says in one sentence why there is none.
It does not ask a network whether the phone exists, is switched on, or is a landline.
"""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult

# Set aside for examples and films: 555-01xx in any area code (NANPA), 07700 900xxx (Ofcom).
_FICTIONAL = re.compile(r"\+1[2-9]\d\d55501\d\d|\+447700900\d{3}")
_SHORTENED_BY_SPREADSHEET = re.compile(r"[+-]?\d+(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
_SAVED_AS_DECIMAL = re.compile(r"(\+?\d{7,15})[.,]0")
_PERCENT_ENCODED = re.compile(r"%([0-7][0-9A-Fa-f])")
_LONGEST_SHORT_CODE = 6
_LONGEST_SHOWN = 40
_LONGEST_WRITTEN = 250  # what phonenumbers reads; its patterns take very long for very long texts

_KINDS_WITHOUT_TEXTS = {
    PhoneNumberType.PREMIUM_RATE: "a premium-rate number",
    PhoneNumberType.SHARED_COST: "a shared-cost service number",
    PhoneNumberType.UAN: "a company's service number",
    PhoneNumberType.PAGER: "a pager",
    PhoneNumberType.VOICEMAIL: "a voicemail box",
}


class UntextableNumber(ValueError):
    """One sentence: why no text can be sent to what was given."""


def is_region(region: str) -> bool:
    """Whether `region` is a two-letter ISO 3166 code, in capitals, that has phone numbers."""
    return region in phonenumbers.SUPPORTED_REGIONS


@lru_cache(maxsize=65_536)
def to_e164(number: str, *, default_region: str | None) -> str:
    """Give `number` as E.164, such as +14155550100.

    `number` may be written nationally when `default_region` (ISO 3166, such as "US") is given, and may be a `tel:` URI.
    An extension is dropped: E.164 has none. Fictional numbers are accepted.
    Raises UntextableNumber for anything else: no number, cut short by a spreadsheet, a short code, a premium line.
    """
    written = number.strip()
    if as_decimal := _SAVED_AS_DECIMAL.fullmatch(written):
        written = as_decimal[1]
    parsed = _parse(written, default_region.upper() if default_region else None)
    e164 = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    if _FICTIONAL.fullmatch(e164):
        return e164
    type_ = phonenumbers.number_type(parsed)
    if type_ == PhoneNumberType.UNKNOWN:  # which is how the library says that it is not valid
        raise UntextableNumber(_why_invalid(written, parsed))
    if kind := _KINDS_WITHOUT_TEXTS.get(type_):
        raise UntextableNumber(f"{_shown(written)} is {kind}, which cannot receive texts.")
    return e164


def _parse(written: str, region: str | None) -> PhoneNumber:
    if not written:
        raise UntextableNumber("There is no phone number.")
    if len(written) > _LONGEST_WRITTEN:
        raise UntextableNumber(f"{_shown(written)} is too long for a phone number.")
    if _SHORTENED_BY_SPREADSHEET.fullmatch(written):
        raise UntextableNumber(
            f"{_shown(written)} was shortened by a spreadsheet and its last digits are lost: "
            "format the column as text and export it again."
        )
    if written.lower().startswith("tel:"):
        written = "tel:" + _PERCENT_ENCODED.sub(lambda match: chr(int(match[1], 16)), written[4:])
    if phonenumbers.is_alpha_number(written.removeprefix("tel:")):
        raise UntextableNumber(f"{_shown(written)} has letters where digits belong: write the number in digits.")
    try:
        return phonenumbers.parse(written, region)
    except NumberParseException as error:
        raise UntextableNumber(_why_unparsable(written, region, error)) from None


def _why_unparsable(written: str, region: str | None, error: NumberParseException) -> str:
    if error.error_type == NumberParseException.TOO_LONG:
        return f"{_shown(written)} is too long for a phone number."
    if error.error_type != NumberParseException.INVALID_COUNTRY_CODE:
        return f"{_shown(written)} is not a phone number."
    if _has_country_code(written):
        return f"{_shown(written)} begins with a country code that no country has."
    if region is not None and not is_region(region):
        return f"{_shown(written)} cannot be read, because {_shown(region)} is not a region with phone numbers."
    return f"{_shown(written)} has no country code: write it with a plus and the code, such as +1 415 555 0100."


def _why_invalid(written: str, parsed: PhoneNumber) -> str:
    if len(phonenumbers.normalize_digits_only(written)) <= _LONGEST_SHORT_CODE:
        return f"{_shown(written)} is too short: emergency numbers and short codes cannot be invited."
    match phonenumbers.is_possible_number_with_reason(parsed):
        case ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
            return f"{_shown(written)} has no area code."
        case ValidationResult.TOO_SHORT:
            return f"{_shown(written)} has too few digits."
        case ValidationResult.TOO_LONG if not _has_country_code(written):
            return f"{_shown(written)} has too many digits: a number from another country needs a plus before its code."
        case ValidationResult.TOO_LONG:
            return f"{_shown(written)} has too many digits."
        case _:
            return f"{_shown(written)} is not in use as a phone number: look for a typing mistake."


def _has_country_code(written: str) -> bool:
    return written.removeprefix("tel:").lstrip(" (\u200e\u202a\u00a0")[:1] in {"+", "\uff0b"}


_NUMBER = re.compile(r"\+\d{5,}")


def masked(text: str) -> str:
    """The text with no more of an E.164 number than its last four digits."""
    return _NUMBER.sub(lambda number: f"...{number[0][-4:]}", text)


def _shown(written: str) -> str:
    """`written` in quotation marks, on one line, not too long for a message."""
    line = " ".join("".join(character if character.isprintable() else " " for character in written).split())
    return f"'{line}'" if len(line) <= _LONGEST_SHOWN else f"'{line[:_LONGEST_SHOWN]}…'"
