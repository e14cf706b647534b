"""The stream of one site for one access class: one task looks for all its viewers, and wakes them for news."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from http import HTTPStatus

from dashboards.answers.look import Looking, Seen
from dashboards.api.access import Access
from dashboards.api.building import Building
from dashboards.api.problems import Problem
from dashboards.api.streampicture import Picture

log = logging.getLogger(__name__)

TICK = 0.05
"""Seconds between two looks at whether anything was noted: a number is compared."""
COALESCED = 0.25
"""Seconds between two changes that are sent, at least; what comes between goes together."""
EVERY = 1.0
"""Seconds after which a site is looked at anyhow: sensors fall silent without a word."""
BEAT = 5.0
"""Seconds after which viewers are told that all is as it was."""
LINGER = 30.0
"""Seconds that a channel goes on without a viewer: pages are reloaded."""


class Channel:
    """Looks at a site while anybody of an access class watches. All but the looking itself is on the event loop."""

    def __init__(self, building: Building, kind: Access, site_id: str) -> None:
        self.viewers = 0
        self._building = building
        self._live = building.context.live
        self._kind = kind
        self._site_id = site_id
        self._looking = Looking(building.context)
        self._picture = Picture()
        self._version = -1
        self._looked = self._sent = self._watched = -1e9
        self._pause = COALESCED
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._ended = True

    @property
    def at_work(self) -> bool:
        """Whether it looks."""
        return self._task is not None and not self._task.done()

    async def open(self) -> None:
        """Begin to look, unless that is under way, and return when there is something to see.

        Raises:
            Problem: it could not be looked at.
        """
        self._watched = time.monotonic()
        if not self.at_work:
            self._news, self._ended = asyncio.Event(), False
            self._task = asyncio.create_task(self._run(), name=f"live-{self._site_id}")
        while not self._picture.sequence:
            if self._ended:
                raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "The stream ended; ask again")
            await self._news.wait()

    def close(self) -> None:
        """End, and let viewers go. May be called from any thread: the task notices within a tick."""
        self._ended = True

    async def frames(self, event_id: str | None) -> AsyncIterator[bytes]:
        """Yield events for one viewer, who may say which it saw last, until the channel ends or the viewer leaves."""
        self.viewers += 1
        try:
            seen = self._picture.place(event_id)
            while True:
                frame, news = self._picture.frame(seen), self._news
                seen = self._picture.sequence
                yield frame
                if self._ended:
                    return
                if seen == self._picture.sequence:
                    await news.wait()
        finally:
            self.viewers -= 1
            self._watched = time.monotonic()

    async def _run(self) -> None:
        try:
            while not self._over():
                beat = time.monotonic() - self._sent >= BEAT
                if beat or self._due(time.monotonic()):
                    await self._look(wake=beat)
                await asyncio.sleep(TICK)
        except Problem as gone:
            log.info("the viewers of site %s were let go: %s", self._site_id, gone)
        except Exception:
            log.exception("looking at site %s failed; its viewers were let go", self._site_id)
        finally:
            self._ended = True
            self._wake()

    def _over(self) -> bool:
        idle = not self.viewers and time.monotonic() - self._watched > LINGER
        return self._ended or idle

    def _due(self, now: float) -> bool:
        if now - self._looked < self._pause:
            return False
        return self._live.version(self._site_id) != self._version or now - self._looked >= EVERY

    async def _look(self, *, wake: bool) -> None:
        self._looked = time.monotonic()
        version = self._live.version(self._site_id)
        rows, meta = await asyncio.to_thread(self._timed)
        self._version = version
        if self._picture.take(rows, meta) or wake:
            self._wake()

    def _timed(self) -> Seen:
        """Look; a site so large that looking takes long is looked at less often."""
        begun = time.monotonic()
        seen = self._looking.look(self._building.site(self._kind, self._site_id))
        self._pause = max(COALESCED, 4 * (time.monotonic() - begun))
        return seen

    def _wake(self) -> None:
        self._sent = time.monotonic()
        news, self._news = self._news, asyncio.Event()
        news.set()
