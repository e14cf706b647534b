"""Asking about a house: every answer has been disclosed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from analytics.privacy.disclosure import Row
from dashboards.answers.answer import disclosed
from dashboards.answers.context import Context
from dashboards.answers.errors import AnswerError
from dashboards.answers.questions import Question, find_answer
from dashboards.answers.selection import Filters
from spaces.site import Site
from spaces.times import Millis

DESKS = Filters(kind="desk", assignment="flexible")


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer: frame and rows; `trouble` is why there are none, None where they are there."""

    meta: Mapping[str, Any] = field(default_factory=dict)
    rows: Sequence[Row] = ()
    trouble: str | None = None


Ask = Callable[[Question], Answered]
"""Asks a question of the house and the window that a report is on."""


def asking(context: Context, site: Site, window: tuple[Millis, Millis]) -> Ask:
    """Return what asks about a site over [start, end). It raises a StoreError where the store cannot be read."""
    start, end = window

    def ask(question: Question) -> Answered:
        try:
            answer = find_answer(context, site, replace(question, start=start, end=end))
            return Answered(answer.meta, list(disclosed(answer)))
        except AnswerError as error:
            return Answered(trouble=error.detail)

    return ask
