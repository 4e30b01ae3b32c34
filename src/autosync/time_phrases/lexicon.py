"""The words that are understood, each with what it means.

Data only. A word that is not here makes a phrase unclear, so a filler must never turn a meaning round.
"""

from __future__ import annotations

from typing import Final

WEEKDAY_NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTH_NAMES: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

WEEKDAYS: Final = {name.lower(): number for number, name in enumerate(WEEKDAY_NAMES)} | {
    "mon": 0, "tue": 1, "tues": 1, "wed": 2, "weds": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4, "sat": 5, "sun": 6,
}  # fmt: skip
MANY_WEEKDAYS: Final = {f"{name.lower()}s": number for number, name in enumerate(WEEKDAY_NAMES)}
"""Weekdays as a habit: "Fridays" is any Friday."""

WORKDAYS: Final = (0, 1, 2, 3, 4)
SATURDAY: Final = 5
SUNDAY: Final = 6
WEEKEND: Final = (5, 6)

MONTHS: Final = {name.lower(): number for number, name in enumerate(MONTH_NAMES, start=1)} | {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11,
    "dec": 12,
}  # fmt: skip
ALSO_VERBS: Final = frozenset({"may", "march", "mar"})
"""Months only where the words around them say so."""

NUMBERS: Final = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12,
}  # fmt: skip
TENS: Final = {"fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "sixty": 60, "ninety": 90}
ORDINALS: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}

MINUTES_IN: Final = {
    "h": 60, "hr": 60, "hrs": 60, "hour": 60, "hours": 60, "m": 1, "min": 1, "mins": 1, "minute": 1, "minutes": 1,
}  # fmt: skip
DAY_UNITS: Final = frozenset({"day", "days"})
WEEK_UNITS: Final = frozenset({"week", "weeks", "wk", "wks"})
MONTH_UNITS: Final = frozenset({"month", "months"})
YEAR_UNITS: Final = frozenset({"year", "years"})
UNITS: Final = frozenset(MINUTES_IN) | DAY_UNITS | WEEK_UNITS | MONTH_UNITS | YEAR_UNITS

PARTS: Final = {
    "morning": (8 * 60, 12 * 60), "lunch": (12 * 60, 14 * 60), "afternoon": (12 * 60, 17 * 60),
    "evening": (17 * 60, 22 * 60), "night": (18 * 60, 24 * 60), "after work": (17 * 60, 22 * 60),
    "before work": (7 * 60, 9 * 60), "after lunch": (14 * 60, 17 * 60), "before lunch": (8 * 60, 12 * 60),
    "early morning": (7 * 60, 9 * 60), "mid morning": (9 * 60, 11 * 60), "late morning": (10 * 60, 12 * 60),
    "early afternoon": (12 * 60, 14 * 60), "mid afternoon": (14 * 60, 16 * 60), "late afternoon": (15 * 60, 17 * 60),
    "breakfast": (8 * 60, 10 * 60), "brunch": (10 * 60, 13 * 60), "dinner": (18 * 60, 21 * 60),
    "happy hour": (17 * 60, 19 * 60), "after dinner": (20 * 60, 22 * 60), "first thing": (8 * 60, 10 * 60),
    "business hours": (9 * 60, 17 * 60),
    "early evening": (17 * 60, 19 * 60), "late evening": (20 * 60, 22 * 60), "late night": (22 * 60, 24 * 60),
}  # fmt: skip
"""Parts of the day, in minutes since its midnight."""
BELTS: Final = {
    "morning": (4 * 60, 12 * 60), "lunch": (11 * 60, 15 * 60), "afternoon": (12 * 60, 19 * 60),
    "evening": (15 * 60, 24 * 60), "night": (17 * 60, 24 * 60), "work": (15 * 60, 24 * 60),
    "breakfast": (5 * 60, 12 * 60), "brunch": (9 * 60, 14 * 60), "dinner": (15 * 60, 24 * 60),
    "hour": (15 * 60, 22 * 60), "thing": (5 * 60, 12 * 60), "hours": (8 * 60, 18 * 60),
}  # fmt: skip
"""Within which clock times may lie that are said beside the part (by its last word): "evening at 11" is 23:00."""
PART_WORDS: Final = {
    "morning": "morning", "mornings": "morning", "afternoon": "afternoon", "afternoons": "afternoon",
    "evening": "evening", "evenings": "evening", "night": "night", "nights": "night",
    "breakfast": "breakfast", "breakfasts": "breakfast", "brunch": "brunch", "brunches": "brunch",
    "dinner": "dinner", "dinners": "dinner", "dinnertime": "dinner", "supper": "dinner",
    "lunch": "lunch", "lunches": "lunch", "lunchtime": "lunch", "lunchtimes": "lunch",
}  # fmt: skip
PART_PHRASES: Final = (
    "after work", "before work", "after lunch", "before lunch", "after dinner", "happy hour", "first thing",
)  # fmt: skip
EDGES: Final = {"early": "early", "mid": "mid", "late": "late"}

OR: Final = frozenset({"or", "/"})
AND: Final = frozenset({"and", "&", "plus"})
EXCEPT: Final = frozenset({"except", "excluding", "excl", "not", "no", "without", "minus", "never"})

FILLERS: Final = frozenset({
    "the", "a", "an", "on", "in", "at", "of", "for", "during", "over", "please", "pls", "maybe", "perhaps", "possibly",
    "ideally", "preferably", "sometime", "some", "any", "either", "only", "meet", "we", "us", "hi", "hey", "hello",
    "thanks", "ok", "okay", "would", "could", "can", "be", "is", "free", "available", "around", "about", "let's",
    "lets", "works", "coffee", "drinks", "call", "meeting", "catchup", "?", "!", ".", ")",
})  # fmt: skip
FILLER_PHRASES: Final = (
    ("how", "about"), ("what", "about"), ("let's", "do"), ("lets", "do"), ("let", "us"), ("let's", "try"),
    ("can", "we", "do"), ("could", "we", "do"), ("we", "are"), ("we're",), ("i'm",), ("i", "am"), ("i", "can"),
    ("i", "could"), ("works", "for", "me"), ("works", "for", "us"), ("would", "work"), ("some", "time"),
    ("catch", "up"), ("catch", "-", "up"), ("at", "some", "point"),
    ("thinking", "of"), ("a", "time"), ("something", "like"), ("sounds", "good"),
    *((verb, praise) for verb in ("is", "are", "be") for praise in ("good", "great", "fine", "best", "ideal", "ok")),
)  # fmt: skip

TIME_ZONES: Final = frozenset({
    "et", "est", "edt", "ct", "cst", "cdt", "mt", "mst", "mdt", "pt", "pst", "pdt", "gmt", "utc", "bst", "cet", "cest",
    "ist", "jst", "aest", "aedt", "eastern", "central", "pacific", "timezone",
})  # fmt: skip
HOLIDAYS: Final = frozenset({
    "christmas", "xmas", "easter", "thanksgiving", "halloween", "passover", "hanukkah", "diwali", "eid", "ramadan",
    "juneteenth", "labor", "labour", "memorial", "independence", "valentine's", "valentines", "holiday", "holidays",
    "boxing", "presidents", "presidents'", "president's", "mlk", "veterans", "columbus", "mother's", "mothers",
    "father's", "fathers", "new",
})  # fmt: skip
"""Words that holidays begin with."""
