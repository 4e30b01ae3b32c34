"""Which days a period belongs to beyond those beside it: both of "Tue or Wed next week".

`share_periods(cursor, clauses)` gives each expression its period. Where a day would be another one with the period than
without, and the words do not say, it raises AskBack.
"""

from __future__ import annotations

from collections.abc import Sequence

from autosync.time_phrases.asking import AskBack, instead, quoted
from autosync.time_phrases.clauses import Clause
from autosync.time_phrases.days import Period, next_on, written
from autosync.time_phrases.expressions import DayExpression
from autosync.time_phrases.tokens import Cursor


def share_periods(cursor: Cursor, clauses: Sequence[Clause]) -> None:
    """A period holds for weekdays and habits around it that have none, if it is the only one, or came before them."""
    only = _only_period(clauses)
    for clause in clauses:
        if not clause.days and only is not None:
            clause.days.append(DayExpression(only.span, period=only))
    expressions = [expression for clause in clauses for expression in clause.days]
    habits = [clause.is_habit for clause in clauses for _ in clause.days]
    for n, expression in enumerate(expressions):
        if not _wants_period(expression):
            continue
        before = next((each for each in reversed(expressions[:n]) if each.period and each.weekdays), None)
        after = next((each for each in expressions[n + 1 :] if each.period and each.weekdays), None)
        many = expression.weekdays[0].many or (habits[n] and any(each.period for each in expressions[:n]))
        listed = after is not None and any(expression in clause.days and after in clause.days for clause in clauses)
        if before is not None and before.period_came_first:
            expression.period, expression.period_came_first = before.period, True
        elif after is not None and listed and not after.period_came_first and (many or _is_before(expression, after)):
            expression.period = after.period
        elif only is not None and many:
            expression.period = only
        elif before is not None:
            _inherit(cursor, expression, before)
        elif after is not None and not after.period_came_first:
            _inherit(cursor, expression, after)


def _wants_period(expression: DayExpression) -> bool:
    return (
        expression.period is None
        and expression.dates is None
        and bool(expression.weekdays)
        and not any(words.own for words in expression.weekdays)
    )


def _only_period(clauses: Sequence[Clause]) -> Period | None:
    periods = [expression.period for clause in clauses for expression in clause.days if expression.period]
    return periods[0] if len(set(periods)) == 1 else None


def _is_before(expression: DayExpression, other: DayExpression) -> bool:
    """Whether its day of the week comes before that of the other."""
    return expression.weekdays[-1].days[-1] < other.weekdays[0].days[0]


def _inherit(cursor: Cursor, expression: DayExpression, other: DayExpression) -> None:
    """Takes the period of the other one, if that names the same day as none."""
    period, words = other.period, expression.weekdays[0]
    if period is None:
        return
    alone = next_on(words.days[0], cursor.today)
    inside = next_on(words.days[0], period.first)
    if alone != inside and inside <= period.last:
        said = quoted(cursor.text, words.span)
        names = [written(day, cursor.today) for day in (alone, inside)]
        raise AskBack(f"Is {said} {names[0]} or {names[1]}?", instead(cursor.text, words.span, *names))
    if alone <= period.last:
        expression.period = period
