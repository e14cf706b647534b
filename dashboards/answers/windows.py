"""The window that a question is about: bounded, defaults filled in, and widened to the edges of its buckets."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.buckets import Bucket, auto_bucket, edges
from dashboards.answers.context import Limits
from dashboards.answers.errors import wrong_argument, wrong_arguments
from spaces.site import Site
from spaces.summary import counted
from spaces.times import DAY, Millis, rfc3339, to_datetime


class Span(NamedTuple):
    """[start, end) as it was asked for, at the moment `now`."""

    start: Millis
    end: Millis
    now: Millis

    @property
    def meta(self) -> dict[str, str]:
        """How the frame of an answer tells it."""
        return {"from": rfc3339(self.start), "to": rfc3339(self.end)}

    def widened(self, site: Site, bucket: Bucket) -> "Span":
        """Return it widened to the local edges of buckets."""
        start, end = edges(site.tz, self.start, self.end, bucket)[[0, -1]].tolist()
        return Span(start, end, self.now)


class Window(NamedTuple):
    """A span on bucket edges; `edges` are n + 1 UTC ms for n buckets."""

    span: Span
    bucket: Bucket
    edges: NDArray[np.int64]

    @property
    def ends(self) -> tuple[Millis, Millis]:
        """Its begin and end."""
        return self.span.start, self.span.end


def span_of(site: Site, start: Millis | None, end: Millis | None, now: Millis, limits: Limits) -> Span:
    """Return the span asked for; unless given it ends now, and begins at the local midnight of its last day.

    Raises:
        AnswerError: its ends are the wrong way round or too far apart.
    """
    end = now if end is None else end
    start = _midnight(site, end - 1) if start is None else start
    if start >= end:
        raise wrong_arguments([("from", f"{rfc3339(start)} is not before `to`, {rfc3339(end)}")])
    if end - start > limits.most_days * DAY:
        days = -(-(end - start) // DAY)
        raise wrong_argument(
            "from", f"the window is {counted(days, 'day')} long, the limit is {limits.most_days}; ask in several parts"
        )
    return Span(start, end, now)


def cut_into(site: Site, span: Span, bucket: Bucket | Literal["auto"], most: int = 1) -> Window:
    """Return a span widened to the edges of its buckets; `auto` takes the finest that are at most so many."""
    chosen = auto_bucket(site.tz, span.start, span.end, most) if bucket == "auto" else bucket
    marks = edges(site.tz, span.start, span.end, chosen)
    return Window(Span(int(marks[0]), int(marks[-1]), span.now), chosen, marks)


def _midnight(site: Site, moment: Millis) -> Millis:
    return site.midnight(to_datetime(moment).astimezone(site.tz).date())
