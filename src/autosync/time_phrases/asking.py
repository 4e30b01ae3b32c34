"""How a reading ends that must not guess: `raise AskBack(question, choices)`.

`instead` makes the choices: the phrase as it was typed, with the unclear words replaced by clear ones.
"""

from __future__ import annotations

Span = tuple[int, int]
"""From which character until before which."""


class AskBack(Exception):
    """A question of one sentence, and phrases that would be clear."""

    def __init__(self, question: str, choices: tuple[str, ...] = ()) -> None:
        super().__init__(question)
        self.question = question
        self.choices = choices


def instead(text: str, span: Span, *replacements: str) -> tuple[str, ...]:
    """The text with the span replaced by each of the replacements."""
    before, after = text[: span[0]], text[span[1] :]
    return tuple(_with_spaces(before, replacement, after) for replacement in replacements)


def _with_spaces(before: str, replacement: str, after: str) -> str:
    left = " " if before[-1:].isalnum() else ""
    right = " " if after[:1].isalnum() else ""
    return f"{before}{left}{replacement}{right}{after}"


def quoted(text: str, span: Span) -> str:
    """The words of the span in quotation marks, cut where they are long."""
    words = text[span[0] : span[1]]
    return f'"{words}"' if len(words) <= 40 else f'"{words[:37]}..."'
