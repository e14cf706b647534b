"""What happened on a date: operators' own notes, and what the site file says of single days."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Annotated

import msgspec

from analytics.privacy.disclosure import Row
from dashboards.answers.answer import Answer
from dashboards.answers.entries import LONGEST
from dashboards.answers.windows import Span
from spaces.calendar import local_days
from spaces.holidaynames import holidays_of
from spaces.site import CalendarRule, Hours, Site
from spaces.times import Millis

DEFINITION = (
    "What happened on a date: notes of operators, and from the site file days that are closed, open at other hours or"
    " let. They explain figures and change none."
)
COLUMNS: Mapping[str, str] = {
    "id": "the note's id, null for what the site file says",
    "date": "local date",
    "kind": "note; or of the site file: closed, hours (open at other ones), hire (let)",
    "scope": "the zone or space that it is about (its name), null for the whole site",
    "hours": "such as 08:00-12:00, null where it has none",
    "text": "what an operator wrote, or the holiday's name; null where there is none",
}


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A note as it is sent and kept."""

    date: date
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST)]


def find_notes(notes: Mapping[str, Note], site: Site, span: Span) -> Answer:
    """Return what happened in a span: operators' notes by id, and what the site file says of single days."""
    return Answer(
        name="notes",
        now=span.now,
        site=site,
        columns=tuple(COLUMNS),
        rows=_rows(site, notes, span.start, span.end),
        meta={"definition": DEFINITION, "window": span.meta},
    )


def _rows(site: Site, notes: Mapping[str, Note], start: Millis, end: Millis) -> list[Row]:
    days = local_days(site, start, end)
    first, last = days[0], days[-1]
    own = [
        _row(note.date, "note", id=name, text=note.text) for name, note in notes.items() if first <= note.date <= last
    ]
    said = [row for rule in site.calendars for row in _of_rule(site, rule, first, last)]
    return sorted([*own, *said], key=lambda row: (row["date"], row["kind"], row["text"] or ""))


def _of_rule(site: Site, rule: CalendarRule, first: date, last: date) -> Iterator[Row]:
    scope = _scope(site, rule)
    for day, hours in rule.exceptions.items():
        if first <= day <= last:
            yield _row(day, "hours" if hours else "closed", scope=scope, hours=_hours(hours))
    for day, hours in rule.hire.items():
        if first <= day <= last:
            yield _row(day, "hire", scope=scope, hours=_hours(hours))
    if rule.holidays and scope is None:
        for year in range(first.year, last.year + 1):
            for day, name in holidays_of(rule.holidays, year).items():
                if first <= day <= last and day not in rule.exceptions:
                    yield _row(day, "closed", text=name)


def _row(day: date, kind: str, **more: str | None) -> Row:
    row = {**dict.fromkeys(COLUMNS), "date": day.isoformat(), "kind": kind}
    return {**row, **more}


def _scope(site: Site, rule: CalendarRule) -> str | None:
    if rule.space is not None:
        return site.space_by_id[rule.space].name
    return site.zone_by_id[rule.zone].name if rule.zone is not None else None


def _hours(hours: Hours) -> str | None:
    return ", ".join(f"{_clock(begin)}-{_clock(end)}" for begin, end in hours) or None


def _clock(minutes: int) -> str:
    length = timedelta(minutes=minutes % 1440 if minutes != 1440 else 1440)
    return f"{length // timedelta(hours=1):02}:{length.seconds // 60 % 60:02}"
