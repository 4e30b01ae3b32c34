"""Composes answers with their labels from `phrases.txt`: `compose(random.Random(1), 1000)`; for training only."""

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict


class Answer(TypedDict):
    """A line of the corpus: a text, the number of options that it answers, and what a person reads in it."""

    text: str
    option_count: int
    kind: str
    options: list[int]


_WORDS = {1: "one", 2: "two", 3: "three"}
_ORDINALS = {1: "first", 2: "second", 3: "third"}
_FORMS = 9 * ["{d}"] + [
    "#{d}",
    "option {d}",
    "option {d}",
    "opt {d}",
    "number {d}",
    "no. {d}",
    "the {d}",
    "{w}",
    "option {w}",
]
_FORMS += [
    "number {w}",
    "the {o} one",
    "the {o} one",
    "the {o}",
    "the {o} option",
    "the {s}",
    "the {s} one",
    "{s}",
    "{o}",
]
_FORMS += [
    "{k}",
    "el {d}",
    "la {d}",
    "date {d}",
    "choice {d}",
    "the {o} date",
    "the {o} day",
    "{o} one",
    "day {d}",
    "{d})",
]
_JOINTS = 4 * [" and "] + [", ", " & ", " n ", " + ", " or ", " y ", " ", "&", ",", " and also ", ", and ", " plus "]
_SHORT = {"you": "u", "are": "r", "please": "pls", "because": "bc", "and": "n", "tomorrow": "tmrw", "with": "w"}
_KEYS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"]
_NAMED = re.compile(r"\{(\w+)\}")
_OTHERS = re.compile(r"\b(?:others?|rest|else|otherwise)\b")
_AFFIRMING = frozenset(["yes", "yeah", "yep", "yes please", "sure", "absolutely"])
_CHOICE = re.compile(r"\(([^()]*\|[^()]*)\)")


def sections(path: Path) -> dict[str, list[str]]:
    """The alternatives of each section of `path`."""
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            current = found.setdefault(line[1:-1], [])
        elif line and not line.startswith("#"):
            current.append(line)
    return found


class Composer:
    """Composes one answer after the other; the same `chance` composes the same ones."""

    def __init__(self, phrases: dict[str, list[str]], chance: random.Random) -> None:
        self._phrases = phrases
        self._chance = chance

    def answers(self, count: int) -> Iterator[Answer]:
        """`count` answers of all kinds."""
        makers = {self._vote: 44, self._whole: 8, self._refusal: 13, self._unclear: 17, self._other: 18}
        for _ in range(count):
            maker = self._chance.choices(list(makers), list(makers.values()))[0]
            yield maker(self._chance.choices([1, 2, 3], [25, 30, 45])[0])

    def _likely(self, share: float) -> bool:
        return self._chance.random() < share

    def _vote(self, option_count: int) -> Answer:
        if option_count == 1 and self._likely(0.75):
            return self._answer("agree", 1, [1], [])
        everything = list(range(1, option_count + 1))
        chosen = sorted(self._chance.sample(everything, self._chance.choice(everything[: max(1, option_count - 1)])))
        others = [option for option in everything if option not in chosen]
        section = self._chance.choices(["vote", "votex", "voterest"], [6, 6, 2])[0] if others else "vote"
        if section == "voterest":
            return self._answer(section, option_count, chosen, others)
        refused = sorted(self._chance.sample(others, self._chance.randint(1, len(others)))) if others else []
        if section == "vote" and self._likely(0.15):
            chosen, refused = everything, []
        return self._answer(section, option_count, chosen, refused)

    def _whole(self, option_count: int) -> Answer:
        if option_count == 1:
            return self._answer("agree", 1, [1], [])
        section = self._chance.choice(["agree-many", "agree-two" if option_count == 2 else "agree-three"])
        return self._answer(section, option_count, list(range(1, option_count + 1)), [])

    def _refusal(self, option_count: int) -> Answer:
        own = {1: "refuse-one", 2: "refuse-two", 3: "refuse-three"}[option_count]
        section = self._chance.choice(
            [own, own if option_count < 3 else "refuse-many", "refuse-many"][: 1 if option_count == 1 else 3]
        )
        everything = list(range(1, option_count + 1))
        if self._likely(0.12):
            template = self._chance.choice(["{X} {notrail}", "{X} {notrail}", "{nolead} {X}", "not {X}", "no to {X}"])
            return self._answer(template, option_count, [], everything, kind="none")
        return self._answer(section, option_count, [], everything, kind="none")

    def _unclear(self, option_count: int) -> Answer:
        if option_count > 1 and self._likely(0.18):
            return self._answer("agree", option_count, [], [], kind="unclear")
        template = self._chance.choice(self._phrases["unclear"])
        while option_count == 1 and template in {"not {O}", "can't do {O}", "{O} doesn't work"}:
            template = self._chance.choice(self._phrases["unclear"])
        return self._answer(template, option_count, [], [], kind="unclear")

    def _other(self, option_count: int) -> Answer:
        kind = self._chance.choices(["chatter", "help", "stop", "start"], [10, 3, 3, 1])[0]
        return self._answer(kind, option_count, [], [], kind=kind)

    def _answer(
        self, section: str, option_count: int, chosen: list[int], refused: list[int], kind: str = "options"
    ) -> Answer:
        template = self._chance.choice(self._phrases[section]) if section in self._phrases else section
        while option_count == 1 and kind == "options" and _OTHERS.search(template):
            template = self._chance.choice(self._phrases[section])
        text = self._filled(template, option_count, chosen, refused)
        text = self._decorated(text, kind)
        return Answer(text=self._written(text), option_count=option_count, kind=kind, options=chosen)

    def _filled(self, template: str, option_count: int, chosen: list[int], refused: list[int]) -> str:
        plural = False
        form = self._chance.choice(_FORMS)
        named = set[int]()
        text = template
        while (found := _NAMED.search(text)) or _CHOICE.search(text):
            choice = _CHOICE.search(text)
            if choice and (found is None or choice.start() < found.start()):
                text = text[: choice.start()] + self._chance.choice(choice[1].split("|")) + text[choice.end() :]
                continue
            assert found is not None
            name = found[1]
            if name in {"Y", "X", "O", "Z"}:
                everything = list(range(1, option_count + 1))
                options = {"Y": chosen, "X": refused, "Z": [option_count + self._chance.randint(1, 4)]}.get(name) or (
                    self._chance.sample(everything, 1 if self._likely(0.8) or option_count == 1 else 2)
                )
                plural = len(options) > 1
                filling = self._listed(options, option_count, form, named)
                named.update(options)
            elif name in {"is", "s", "n"}:
                filling = {"is": ("is", "are"), "s": ("s", ""), "n": ("", "n")}[name][plural]
                filling = "is" if name == "is" and self._likely(0.05) else filling
            else:
                filling = self._chance.choice(self._phrases[name])
            text = text[: found.start()] + filling + text[found.end() :]
        return re.sub(r"\s+", " ", text).strip()

    def _listed(self, options: list[int], option_count: int, form: str, named: set[int]) -> str:
        if options == [1, 2] and option_count == 3 and self._likely(0.15):
            return self._chance.choice(["the first two", "first two", "the first 2", "the 1st two"])
        if options == [2, 3] and option_count == 3 and self._likely(0.15):
            return self._chance.choice(["the last two", "last two", "the last 2", "the second two"])
        others = set(range(1, option_count + 1)) - set(options)
        if named == others and others and self._likely(0.2):
            return self._chance.choice(
                ["the other two", "the others", "the other 2", "the rest"]
                if len(options) > 1
                else ["the other one", "the other"]
            )
        if self._likely(0.1):
            form = self._chance.choice(_FORMS)
        names = [self._named(option, option_count, form) for option in options]
        joint = self._chance.choice(_JOINTS)
        if form in {"{d}", "#{d}", "{w}", "{o}", "{s}", "option {d}"} and len(names) > 1:
            short = [str(option) for option in options]
            if form == "option {d}" and self._likely(0.5):
                names = ["options " + short[0], *short[1:]]
        return (
            joint.join(names)
            if len(names) < 3 or joint.strip() not in {"and", "or", "y"} or self._likely(0.5)
            else ", ".join(names[:-1]) + joint + names[-1]
        )

    def _named(self, option: int, option_count: int, form: str) -> str:
        ordinal = _ORDINALS.get(option, f"{option}th")
        if option == option_count > 1 and self._likely(0.4):
            ordinal = "last"
        if option == 2 and option_count == 3 and self._likely(0.2):
            ordinal = "middle"
        short = {1: "1st", 2: "2nd", 3: "3rd"}.get(option, f"{option}th")
        return form.format(d=option, w=_WORDS.get(option, str(option)), o=ordinal, s=short, k=f"{option}\ufe0f\u20e3")

    def _decorated(self, text: str, kind: str) -> str:
        before, after = "", ""
        mark = self._chance.choice([", ", " ", "! ", ". ", " - ", "... ", "!! ", "\n"])
        if self._likely(0.22) and kind != "stop":
            greeting = self._pick("hi")
            before = (
                ""
                if kind != "options" and greeting in _AFFIRMING
                else greeting + self._chance.choice([", ", " ", "! ", ". ", "... "])
            )
        if kind in {"options", "none"} and self._likely(0.12):
            after = mark + (
                self._pick("aside") if kind == "options" else self._pick("social" if self._likely(0.3) else "story")
            )
        elif kind == "options" and self._likely(0.3):
            after = mark + self._pick("bye")
        elif kind != "options" and self._likely(0.12):
            after = mark + self._chance.choice(
                ["sorry", "thanks", "thank you", "love you", "lol", "thx", "dear", "please"]
            )
        if self._likely(0.08) and kind in {"none", "options"}:
            before += self._pick("story") + self._chance.choice([". ", ", ", "! ", " so ", " but "])
        if self._likely(0.12):
            after += " " + self._pick("sademoji" if kind == "none" else "emoji")
        if kind == "unclear" and "?" in text:
            after = after if self._likely(0.5) else ""
        return before + text + after

    def _pick(self, section: str) -> str:
        return self._filled(self._chance.choice(self._phrases[section]), 3, [], [])

    def _written(self, text: str) -> str:
        """`text` as a person types it: cased, dictated, hasty."""
        chance = self._chance
        if self._likely(0.5):
            text = re.sub(r"(^|[.!?\n] +)(\w)", lambda found: found[1] + found[2].upper(), text)
            text = re.sub(r"\bi(?=\b)", "I", text)
        if self._likely(0.3):
            text += chance.choice([".", "!", "!!", ".", "..."]) if text[-1].isalnum() else ""
        if self._likely(0.03):
            text = text.upper()
        if self._likely(0.25):
            text = text.replace("'", "")
        elif self._likely(0.1):
            text = text.replace("'", "’")
        if self._likely(0.04):
            text = text.replace(",", " comma").replace(".", " period").replace("!", " exclamation point")
            text = re.sub(r"\b[123]\b(?!\ufe0f)", lambda found: _WORDS[int(found[0])], text)
        elif self._likely(0.1):
            text = re.sub(r"[,.!]", "", text)
        if self._likely(0.3):
            text = text.replace("?", "") or text
        if self._likely(0.1):
            for word, short in _SHORT.items():
                text = re.sub(rf"\b{word}\b", short, text)
        return self._slipped(text) if self._likely(0.13) else text

    def _slipped(self, text: str) -> str:
        words = list(re.finditer(r"[A-Za-z]{4,}", text))
        if not words:
            return text
        word = self._chance.choice(words)
        at = self._chance.randrange(word.start() + 1, word.end())
        letter = text[at].lower()
        row = next((row for row in _KEYS if letter in row), letter)
        near = row[max(0, row.index(letter) - 1) : row.index(letter) + 2]
        return self._chance.choice(
            [
                text[:at] + text[at + 1 :],
                text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :],
                text[:at] + self._chance.choice(near) + text[at + 1 :],
                text[:at] + text[at] + text[at:],
            ]
        )
