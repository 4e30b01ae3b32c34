"""Joins the numbers of a message to groups of options: "option 1 and the third" is one group.

`with_groups(tokens, option_count)` also settles what stands around numbers: signatures, names, brackets, "all but".
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from autosync.replies.tokens import Token
from autosync.replies.words import NUMBERS, ORDINALS, Meaning

_QUANTIFIERS: Final = {Meaning.ALL, Meaning.ANY, Meaning.EITHER, Meaning.BOTH}
_PADDING: Final = {Meaning.FILLER, Meaning.THEM, Meaning.NOUN}
_NOTHING: Final = Token(Meaning.BREAK, "")
_ADDRESSING: Final = (
    "hi",
    "hey",
    "hello",
    "hola",
    "thank",
    "thx",
    "ty",
    "gracias",
    "good",
    "cheers",
    "love you",
    "bye",
)


def with_groups(tokens: list[Token], option_count: int) -> list[Token]:
    """`tokens` with each list of options as one GROUP, and with names, brackets and yes/no letters settled."""
    steps: tuple[Callable[[list[Token]], list[Token]], ...] = (
        _without_names,
        _without_brackets,
        _with_letters_as_answers,
        _with_named_options,
        lambda held: _with_ranges(held, option_count),
        _with_lists,
        lambda held: _without_idle_quantifiers(held, option_count),
        _with_exceptions,
        _with_breaks_at_dashes,
    )
    for step in steps:
        tokens = step(tokens)
    return _without_doubtful_runs(tokens)


def _at(tokens: list[Token], position: int) -> Token:
    return tokens[position] if 0 <= position < len(tokens) else _NOTHING


def without_signature(tokens: list[Token]) -> list[Token]:
    """Drops "- Ann" or ", Ann" at the end, and a last line that is only a name."""
    end = len(tokens)
    while end and tokens[end - 1].meaning is Meaning.BREAK:
        end -= 1
    start = end
    while start and tokens[start - 1].meaning is Meaning.WORD and tokens[start - 1].capital:
        start -= 1
    lead = _at(tokens, start - 1)
    signed = start > 1 and (lead.meaning is Meaning.DASH or lead.text == "\n") and end - start <= 2
    signed = signed or (start > 1 and lead.meaning is Meaning.COMMA and end - start == 1)
    return tokens[: start - 1] if signed and start < end else tokens


def _without_names(tokens: list[Token]) -> list[Token]:
    """Drops the name in "hi Ann", "thanks Ann", "Ann here", "this is Ann"."""
    kept: list[Token] = []
    for position, token in enumerate(tokens):
        before, after = _at(tokens, position - 1), _at(tokens, position + 1)
        ends = after.meaning in {Meaning.BREAK, Meaning.COMMA, Meaning.QUERY, Meaning.DASH}
        named = token.meaning is Meaning.WORD and (
            (before.meaning is Meaning.THANKS and before.text.startswith(_ADDRESSING) and (token.capital or ends))
            or (after.text == "here" and position == 0)
            or (_introduces(tokens, position) and token.capital and ends)
        )
        if not named:
            kept.append(token)
    return kept


def _introduces(tokens: list[Token], position: int) -> bool:
    """True behind "this is" and "it's"."""
    before = _at(tokens, position - 1).text
    return before in {"its", "it is"} or (before == "is" and _at(tokens, position - 2).text == "this")


def _without_brackets(tokens: list[Token]) -> list[Token]:
    """ "1)", "(1)" and "1 (Friday)" are 1; an option in brackets after another one is doubtful."""
    kept: list[Token] = []
    one_line = all(token.text != "\n" for token in tokens)
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.meaning is Meaning.OPEN:
            end = next((at for at in range(position, len(tokens)) if tokens[at].meaning is Meaning.CLOSE), -1)
            inside = tokens[position + 1 : end] if end > 0 else []
            described = kept and kept[-1].meaning is Meaning.GROUP and _at(tokens, position - 1) is kept[-1]
            if kept and one_line and inside and _DESCRIPTION.issuperset(part.meaning for part in inside):
                position = end + 1
                continue
            if described and any(part.meaning is Meaning.GROUP for part in inside[:1]):
                kept.append(replace(token, meaning=Meaning.DOUBT))
        elif token.meaning is not Meaning.CLOSE:
            kept.append(token)
        position += 1
    return _without_dash_description(kept) if one_line else kept


_DESCRIPTION: Final = {Meaning.DATE, Meaning.COUNT, Meaning.FILLER}


def _without_dash_description(tokens: list[Token]) -> list[Token]:
    """ "2 - Saturday" is 2."""
    meanings = [token.meaning for token in tokens]
    if Meaning.DASH not in meanings or meanings.count(Meaning.GROUP) != 1:
        return tokens
    dash = meanings.index(Meaning.DASH)
    described = meanings[dash + 1 :]
    names_a_day = described[:1] == [Meaning.DATE] and not tokens[dash + 1].is_digit
    if names_a_day and _at(tokens, dash - 1).meaning is Meaning.GROUP and _DESCRIPTION.issuperset(described):
        return tokens[:dash]
    return tokens


def _with_letters_as_answers(tokens: list[Token]) -> list[Token]:
    """ "1 y 2 n" answers yes and no, while "1 y 2" and "1 n 2" say and."""
    answers = {"y": Meaning.YES, "n": Meaning.NOT, "x": Meaning.NOT}
    spoken = [token for token in tokens if token.meaning not in {Meaning.COMMA, Meaning.BREAK, Meaning.DASH}]
    if not spoken or spoken[-1].text not in answers:
        return tokens
    pairs = zip(spoken[::2], spoken[1::2], strict=False)
    alone = len(spoken) == 1
    if not alone and not all(left.meaning is Meaning.GROUP and right.text in answers for left, right in pairs):
        return tokens
    return [replace(token, meaning=answers.get(token.text, token.meaning)) for token in tokens]


def _with_named_options(tokens: list[Token]) -> list[Token]:
    """ "option 1", "first one", "last two" as one group each."""
    kept: list[Token] = []
    position = 0
    while position < len(tokens):
        token, after = tokens[position], _at(tokens, position + 1)
        position += 1
        if token.meaning is Meaning.GROUP:
            while kept and kept[-1].meaning is Meaning.NOUN:
                kept.pop()
            if (token.text in ORDINALS or token.text == "1st") and after.text in {"two", "2", "three", "3", "dos"}:
                token, position = _several(token, after), position + 1
                position += _at(tokens, position).meaning is Meaning.NOUN
            elif not token.is_digit and (after.meaning is Meaning.NOUN or after.text in {"one", "ones", "1"}):
                position += 1
        kept.append(token)
    return kept


def _several(ordinal: Token, number: Token) -> Token:
    """ "first two" and "last two", counted from the group that the ordinal names."""
    count = {"two": 2, "2": 2, "dos": 2}.get(number.text, 3)
    (end,) = ordinal.options
    options = range(1, count + 1) if ordinal.text in {"first", "1st", "top"} else range(end - count + 1, end + 1)
    fits = (
        options[0] >= 1
        and number.meaning is Meaning.GROUP
        and ordinal.text in {"first", "1st", "last", "top", "bottom"}
    )
    meaning = Meaning.GROUP if fits else Meaning.STRAY
    return replace(ordinal, meaning=meaning, options=frozenset(options), text=f"{ordinal.text} {number.text}")


def _with_ranges(tokens: list[Token], option_count: int) -> list[Token]:
    """ "1-3", "1 to 3"; a range that does not rise is stray."""
    kept: list[Token] = []
    position = 0
    while position < len(tokens):
        token, link, end = tokens[position], _at(tokens, position + 1), _at(tokens, position + 2)
        is_range = token.is_digit and end.is_digit and Meaning.GROUP == token.meaning == end.meaning
        kept.append(token)
        position += 1
        while is_range and link.text in _RANGE_WORDS:
            kept[-1] = _span(kept[-1], end)
            if link.text == "to" and len(kept[-1].options) < option_count:
                kept[-1] = replace(kept[-1], meaning=Meaning.STRAY)
            position += 2
            link, end = _at(tokens, position), _at(tokens, position + 1)
            is_range = end.meaning is Meaning.GROUP and end.is_digit
    return kept


_RANGE_WORDS: Final = {"-", "–", "—", "to", "thru", "through"}


def _span(start: Token, end: Token) -> Token:
    first, last = min(start.options), max(end.options)
    rises = max(start.options) < last and len(end.options) == 1
    options = frozenset(range(first, last + 1))
    return replace(start, meaning=Meaning.GROUP if rises else Meaning.STRAY, options=options, text=f"{first}-{last}")


def _with_lists(tokens: list[Token]) -> list[Token]:
    """Groups with nothing but "and", "or", commas between them, or bare digits side by side, as one group."""
    kept: list[Token] = []
    closed = False
    for position, token in enumerate(tokens):
        kept.append(token)
        if token.meaning is not Meaning.GROUP:
            continue
        start = len(kept) - 2
        while start >= 0 and (kept[start].meaning in {Meaning.AND, Meaning.COMMA} or kept[start].text in _LIST_PADDING):
            start -= 1
        between = {part.meaning for part in kept[start + 1 : -1]}
        first = _at(kept, start)
        closed = closed and first.meaning is Meaning.GROUP
        after_comma = Meaning.COMMA in between and Meaning.AND not in between
        if after_comma and (closed or _is_turn(_at(kept, start - 1), _at(tokens, position + 1))):
            continue
        side_by_side = len(kept) - start == 2 and _is_plain(first) and _is_plain(token)
        if first.meaning is Meaning.GROUP and (between & {Meaning.AND, Meaning.COMMA} or side_by_side):
            closed = closed or Meaning.AND in between
            kept[start:] = [_union(first, token)]
    return kept


def _is_turn(before: Token, after: Token) -> bool:
    """True for the comma in "not 1, 2 works"."""
    return before.meaning in {Meaning.NOT, Meaning.NOT_BEFORE} and after.meaning in {Meaning.GOOD, Meaning.YES}


def _union(first: Token, second: Token) -> Token:
    """Both in one group; an option named twice ("1 + 1") is stray."""
    meaning = Meaning.STRAY if first.options & second.options else Meaning.GROUP
    run, text = first.run or second.run, f"{first.text} {second.text}"
    return replace(first, meaning=meaning, options=first.options | second.options, run=run, text=text)


def _is_plain(token: Token) -> bool:
    """A number without "st" or "one" at it; only such ones make a list by standing side by side."""
    return all(word.isdigit() or word in NUMBERS for word in token.text.split())


_LIST_PADDING: Final = {"the", "also", "el", "la", "lo", "for", "then", "either"}


def _without_idle_quantifiers(tokens: list[Token], option_count: int) -> list[Token]:
    """ "both 1 and 3" and "either of the first two" are the options alone, "all three" is all."""
    kept: list[Token] = []
    for token in tokens:
        if token.meaning not in {Meaning.GROUP, Meaning.BOTH, Meaning.ALL} and token.text != "all good":
            kept.append(token)
            continue
        lead = len(kept) - 1
        while lead >= 0 and kept[lead].meaning in {Meaning.FILLER, Meaning.THEM}:
            lead -= 1
        before = _at(kept, lead)
        if before.meaning in _QUANTIFIERS and token.meaning is Meaning.GROUP:
            if len(token.options) > 1:
                del kept[lead:]
            elif token.text in {"two", "2", "three", "3"} and token.options == {option_count}:
                continue
        elif (token.meaning in {Meaning.BOTH, Meaning.ALL} or token.text == "all good") and len(before.options) > 1:
            continue
        kept.append(token)
    return kept


def _with_exceptions(tokens: list[Token]) -> list[Token]:
    """ "all but 2": but means except, unless a comma or a word like "works" stands between."""
    kept = list(tokens)
    for position, token in enumerate(tokens):
        if token.meaning is not Meaning.BUT:
            continue
        lead = position - 1
        while lead >= 0 and tokens[lead].meaning in _PADDING:
            lead -= 1
        after = position + 1
        while _at(tokens, after).meaning in _PADDING:
            after += 1
        if _at(tokens, lead).meaning in {*_QUANTIFIERS, Meaning.NONE} and _at(tokens, after).meaning is Meaning.GROUP:
            kept[position] = replace(token, meaning=Meaning.EXCEPT)
    return kept


def _with_breaks_at_dashes(tokens: list[Token]) -> list[Token]:
    """A dash or colon before an option separates; any other one is an ornament."""
    return [
        replace(token, meaning=Meaning.BREAK)
        if token.meaning is Meaning.DASH
        and _at(tokens, position + 1).meaning in _OPENING
        and _at(tokens, position - 1).meaning not in _POLAR
        else token
        for position, token in enumerate(tokens)
    ]


_OPENING: Final = {Meaning.GROUP, *_QUANTIFIERS, Meaning.THANKS, Meaning.FRAME}
_POLAR: Final = {Meaning.YES, Meaning.NOT, Meaning.NOT_BEFORE, Meaning.AWAY}


def _without_doubtful_runs(tokens: list[Token]) -> list[Token]:
    """ "12" is 1 and 2 only as the one number of the message, and not in "12 works", which may be noon."""
    groups = [token for token in tokens if token.meaning is Meaning.GROUP]
    if not any(group.run for group in groups):
        return tokens
    noon = groups[0].text == "12" and any(token.text.split(" ")[0] in {"works", "is", "at"} for token in tokens)
    if len(groups) == 1 and " " not in groups[0].text and not noon:
        return tokens
    return [replace(token, meaning=Meaning.STRAY) if token in groups else token for token in tokens]
