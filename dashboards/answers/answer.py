"""An answer: columns, rows and their frame, and what of it may be shown."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analytics.groups import Groups
from analytics.privacy.disclosure import Row, disclosing, policy_for
from dashboards.answers.columns import rows
from dashboards.answers.selection import members
from spaces.site import Site, Space
from spaces.times import Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was found. Its rows are for `disclosed` alone: nobody is shown them as they are.

    `by` names the column by which rows belong to a group, `members` the spaces each group is made of; both are
    what disclosure goes by. `main` is the figure that stands for a group where there is room for one, `keys` what
    identifies a row of it. `meta` is the frame: definition, window, measure and the like.
    """

    name: str
    now: Millis
    site: Site | None
    columns: Sequence[str]
    rows: Iterable[Row]
    by: str | None = None
    members: Mapping[str | None, Sequence[Space]] = field(default_factory=dict)
    meta: Mapping[str, Any] = field(default_factory=dict)
    main: str = ""
    keys: Sequence[str] = ("time",)


def grouped_answer(
    name: str, now: Millis, site: Site, groups: Groups, columns: Mapping[str, Sequence[Any]], **more: Any
) -> Answer:
    """Return an answer that has a row, or several, for each group; `more` are fields of `Answer`."""
    return Answer(
        name=name,
        now=now,
        site=site,
        columns=tuple(columns),
        rows=rows(columns),
        by="group",
        members=members(site, groups),
        **more,
    )


def disclosed(answer: Answer) -> Iterator[Row]:
    """Yield the rows of an answer as they may leave the house: the one way out, whatever they become."""
    if answer.site is None:
        return iter(answer.rows)
    return disclosing(answer.rows, policy_for(answer.site, answer.by, answer.members))
