"""Learns the weights of the model that reads answers; `python tests/replies_model/train.py` writes them anew.

Logistic regression by stochastic gradient descent with Adagrad's steps, on the labelled answers and as many composed
ones. Takes some minutes; the same inputs give the same bytes.
"""

import json
import math
import random
import sys
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from zlib import compress

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent / "src")]

from compose import Answer, Composer, sections  # noqa: E402

from autosync.replies.features import PLACES, hashed, kind_features, option_features  # noqa: E402
from autosync.replies.model import KINDS, SCALE  # noqa: E402
from autosync.replies.options import marked  # noqa: E402
from autosync.replies.plain import plain  # noqa: E402

CORPUS = HERE.parent / "replies_corpus.jsonl"
WEIGHTS = HERE.parent.parent / "src" / "autosync" / "replies" / "weights.bin"
COMPOSED = 40_000
ROUNDS = 6
STEP = 1.0
ENOUGH = 0.02

Places = Sequence[int]
Example = tuple[Places, int, float]


def examples(answers: Iterable[tuple[Answer, float]]) -> tuple[list[Example], list[Example]]:
    kinds: list[Example] = []
    options: list[Example] = []
    for answer, weight in answers:
        count = answer["option_count"]
        text = plain(answer["text"])[:600]
        words = marked(text, count).split()
        kinds.append((array("I", hashed(kind_features(text, words, count))), KINDS.index(answer["kind"]), weight))
        if answer["kind"] in {"options", "none"} and count > 1:
            for option in range(1, count + 1):
                places = array("I", hashed(option_features(words, option, count)))
                options.append((places, int(option in answer["options"]), weight))
    return kinds, options


class Table:
    def __init__(self) -> None:
        self.weights = array("d", bytes(8 * PLACES))
        self.steps = array("d", [1e-6]) * PLACES

    def score(self, places: Places, norm: float) -> float:
        return sum(map(self.weights.__getitem__, places)) * norm

    def learn(self, places: Places, slope: float) -> None:
        weights, steps, square = self.weights, self.steps, slope * slope
        for place in places:
            steps[place] += square
            weights[place] -= STEP * slope / math.sqrt(steps[place])


def learned_kinds(found: list[Example], chance: random.Random) -> list[Table]:
    tables = [Table() for _ in KINDS]
    for _ in range(ROUNDS):
        chance.shuffle(found)
        for places, kind, weight in found:
            norm = 1 / math.sqrt(len(places))
            scores = [table.score(places, norm) for table in tables]
            highest = max(scores)
            shares = [math.exp(score - highest) for score in scores]
            total = sum(shares)
            for number, table in enumerate(tables):
                error = shares[number] / total - (number == kind)
                if abs(error) > ENOUGH:
                    table.learn(places, weight * error * norm)
    return tables


def learned_options(found: list[Example], chance: random.Random) -> Table:
    table = Table()
    for _ in range(ROUNDS):
        chance.shuffle(found)
        for places, chosen, weight in found:
            norm = 1 / math.sqrt(len(places))
            error = 1 / (1 + math.exp(-table.score(places, norm))) - chosen
            if abs(error) > ENOUGH:
                table.learn(places, weight * error * norm)
    return table


def packed(tables: Iterable[Table]) -> bytes:
    stored = array("b")
    for table in tables:
        stored.extend(max(-127, min(127, round(weight * SCALE))) for weight in table.weights)
    return compress(stored.tobytes(), 9)


def train(answers: list[Answer], composed: int = COMPOSED, seed: int = 1) -> bytes:
    chance = random.Random(seed)
    made = Composer(sections(HERE / "phrases.txt"), chance).answers(composed)
    kinds, options = examples([*((answer, 1.0) for answer in answers), *((answer, 0.5) for answer in made)])
    return packed([*learned_kinds(kinds, chance), learned_options(options, chance)])


if __name__ == "__main__":
    corpus = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    WEIGHTS.write_bytes(train(corpus))
