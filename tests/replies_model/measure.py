"""Says how often answers are read rightly that neither the model nor its phrases were made from.

`python tests/replies_model/measure.py` trains five times without a fifth of the corpus and reads that fifth; takes
some minutes. The grammar knows most of the corpus, so only the answers added last (NEWEST) say how unseen ones fare.
"""

import json
import sys
from functools import partial
from zlib import crc32

from compose import Answer
from train import CORPUS, train

from autosync.replies import model, read_reply

FOLDS = 5
NEWEST = 1_402
"""Lines at the end of the corpus that the grammar was not written with."""
FINAL = {"options", "none", "stop", "start"}


def is_right(answer: Answer) -> tuple[bool, bool]:
    """Whether `answer` is read as labelled, and whether a wrong reading of it would have had an effect."""
    reading = read_reply(answer["text"], option_count=answer["option_count"])
    right = (reading.kind.value, list(reading.options)) == (answer["kind"], answer["options"])
    return right, not right and reading.kind.value in FINAL


def fold_of(answer: Answer) -> int:
    """Copies of a text, whatever their case, belong to one fold."""
    return crc32(" ".join(answer["text"].lower().split()).encode()) % FOLDS


def main() -> None:
    """Prints the share of right readings and the number of wrong ones with an effect, of all and of the newest."""
    answers = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    results: dict[int, tuple[bool, bool]] = {}
    for fold in range(FOLDS):
        tables = model.unpacked(train([answer for answer in answers if fold_of(answer) != fold]))
        setattr(model, "tables", partial(tuple, tables))  # noqa: B010
        results |= {place: is_right(answer) for place, answer in enumerate(answers) if fold_of(answer) == fold}
    for name, first in (("all", 0), ("newest", len(answers) - NEWEST)):
        found = [result for place, result in results.items() if place >= first]
        rights, wrongs = sum(right for right, _ in found), sum(wrong for _, wrong in found)
        sys.stdout.write(
            f"{name}: {rights} of {len(found)} right = {rights / len(found):.3f}, {wrongs} wrong with an effect\n"
        )


if __name__ == "__main__":
    main()
