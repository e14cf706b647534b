"""What may be shown: the one gate that every answer passes on its way out.

The policy. A fixed desk is one member's own; whether it is in use says where a person is. So:

1. **Never one by one.** A row about a single fixed desk keeps what the site file says of it (name, place,
   capacity, calendar) and nothing that its sensor said: state, people and every figure are null, and the
   reason is the same whatever the desk does.
2. **Never a few.** Fixed desks are figured in *blocks* of at least `FEWEST`: the fixed desks of a zone; where
   those are fewer, together with the other small zones of the floor, then of the site; a remainder that is
   still too small joins the smallest block there is. A group of spaces is shown only if the fixed desks in it
   are whole blocks. Hence no difference of two answers (a zone without its flexible desks, a site without
   its zones, a filter that leaves one desk) says more than a block's own sum.
3. **Never a few that are known.** While fewer than `FEWEST` desks of a block are known (sensors silent, or not
   mounted yet) all of the block counts as unknown, at each instant, before anything is figured (`veil`): a
   sum over one known and four silent desks would be the one's.
4. **Silence is shown, use is not.** Operators must find dead sensors: a fixed desk's sensor is listed with whether
   it is silent, for how many whole hours, and its battery in steps of ten. When it last spoke is left out:
   sensors speak when somebody comes or goes.
5. **In doubt, hide.** Rows whose members were not declared are hidden.

What this does not promise: a block that is wholly in use says so of every desk in it; an observer who knows all
desks of a block but one can work out that one; and two answers given before and after the site file changed are
not guarded against each other.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analytics.privacy.blocks import FEWEST, blocks, is_own
from spaces.site import Site, Space

Row = dict[str, Any]

OWN = "one member's own desk"
FEW = f"fixed desks are shown in whole blocks of {FEWEST} or more; ask with assignment=flexible"
UNDECLARED = "not shown"
_PUBLIC = """
    time group site name space sensor kind assignment floor floor_name level zone zone_name area capacity spaces sensors
    floor_width floor_height x y width height weekday hour partial open_hours mapped format silent silent_minutes
    silence_minutes battery minutes bridge
"""
PUBLIC = frozenset(_PUBLIC.split())
"""Columns that say nothing of use: they stay in rows that are hidden."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Which groups are hidden and why; `by` is the column that names a row's group (None: rows name none).

    `groups` are those declared; a row of another is hidden too.
    """

    by: str | None
    groups: Collection[str | None]
    hidden: Mapping[str | None, str]


def disclose(rows: Iterable[Row], policy: Policy) -> list[Row]:
    """Return what may be shown of the rows of an answer."""
    return list(disclosing(rows, policy))


def disclosing(rows: Iterable[Row], policy: Policy) -> Iterator[Row]:
    """Yield the same row by row."""
    for row in rows:
        yield row if policy.by is None else _disclosed(row, row.get(policy.by), policy)


def policy_for(site: Site, by: str | None, members: Mapping[str | None, Sequence[Space]]) -> Policy:
    """Return the policy of an answer about a site, from the spaces that each of its groups is made of.

    A group that is one fixed desk, or is not made of whole blocks of them, is hidden.
    """
    whole = blocks(site)
    reasons = {group: _why_hidden(spaces, whole) for group, spaces in members.items()}
    return Policy(by, frozenset(members), {group: reason for group, reason in reasons.items() if reason})


def _why_hidden(spaces: Sequence[Space], whole: Sequence[frozenset[str]]) -> str | None:
    own = {space.id for space in spaces if is_own(space)}
    if not own:
        return None
    if len(spaces) == 1:
        return OWN
    shown = [block for block in whole if block <= own and len(block) >= FEWEST]
    measured = own & frozenset[str]().union(*whole)
    return None if measured == frozenset[str]().union(*shown) else FEW


def _disclosed(row: Row, group: str | None, policy: Policy) -> Row:
    reason = policy.hidden.get(group) if group in policy.groups else UNDECLARED
    if reason is None:
        return row
    hidden = {name: value if name in PUBLIC else None for name, value in row.items()}
    hidden.update({name: _coarse(row[name], step) for name, step in _STEPS.items() if name in row})
    if "reason" in row:
        hidden["reason"] = reason
    return hidden


_STEPS = {"silent_minutes": 60, "battery": 10}


def _coarse(value: float | None, step: int) -> int | None:
    return None if value is None else int(value // step) * step
