"""The live stream goes by access: one look and one frame for all who may as much, and none for those who may not."""

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from dashboards.answers.context import Context
from dashboards.answers.look import Looking, Seen
from dashboards.api import ApiSettings
from dashboards.api.access import Access
from dashboards.api.building import Building
from dashboards.api.problems import Problem
from dashboards.api.stream import Streams
from dashboards.api.streamchannel import Channel
from spaces.site import Site
from tests.api.office import Office
from tests.api.people import PEOPLE, WHO, a_house, ask
from tests.api.shapes import assert_problem
from tests.api.viewing import watching

T = TypeVar("T")


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run in a thread of its own: in this one a browser of other tests may have its loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Office]:
    """Give a house of two sites, to be changed."""
    with a_house(tmp_path, hidden=True) as opened:
        yield opened


@pytest.fixture
def streams(house: Office) -> Streams:
    """Give streams over the house that run on a test's own loop."""
    context = Context.over(house.store, house.live, lambda: house.now)
    return Streams(Building(settings=ApiSettings(), context=context, sites=lambda: house.sites))


async def _first(channel: Channel) -> bytes:
    """Return the frame that a newcomer is sent."""
    frames = channel.frames(None)
    try:
        return await anext(frames)
    finally:
        await frames.aclose()  # type: ignore[attr-defined]


def test_one_class_shares_look_and_frame_and_another_class_neither(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookers: list[Looking] = []
    look = Looking.look

    def counted(looking: Looking, site: Site) -> Seen:
        lookers.append(looking)
        return look(looking, site)

    monkeypatch.setattr(Looking, "look", counted)

    async def watch() -> list[bytes]:
        people = [PEOPLE[who] for who in ("tenant", "neighbour", "everybody")]
        return [await _first(await streams.join(access, "office")) for access in people]

    tenant, neighbour, everybody = _run(watch())
    assert tenant is neighbour
    assert everybody is not tenant
    assert everybody.partition(b"id: ")[2] != tenant.partition(b"id: ")[2], "numbered apart"
    assert len(set(map(id, lookers))) == 2


def test_a_channel_of_others_is_not_to_be_had(streams: Streams) -> None:
    async def watch(who: str, site: str) -> None:
        await streams.join(PEOPLE[who], site)

    _run(watch("everybody", "secret"))
    with pytest.raises(Problem, match="There is no site 'secret'; known are office"):
        _run(watch("tenant", "secret"))


def test_channels_that_nobody_watches_are_forgotten_where_there_are_many(
    streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboards.api.stream.MOST_CHANNELS", 3)

    async def watch(*names: str) -> list[Channel]:
        return [await streams.join(Access(sites=frozenset({"office", name})), "office") for name in names]

    old = _run(watch("a", "b", "c"))  # they end with their loop
    assert not any(channel.at_work for channel in old)
    new = _run(watch("c", "d", "e"))
    assert new[0] is old[2], "what is remembered goes on"
    assert len(streams._channels) == 3


def test_a_watcher_of_one_site_is_told_nothing_of_another(house: Office) -> None:
    assert_problem(ask(house, "tenant", "v1/sites/secret/live", "POST"), 405)
    refused = ask(house, "tenant", "v1/sites/secret/live", params={"format": "json"})
    assert refused.status_code == 422
    with watching(house.url, "secret", brings={WHO: "tenant"}) as viewer:
        assert viewer.response.status_code == 404
    with watching(house.url, "secret") as viewer:
        assert viewer.response.status_code == 401
    with watching(house.url, "office", brings={WHO: "plan"}) as viewer:
        assert viewer.response.status_code == 403
    with watching(house.url, "office", brings={WHO: "tenant"}) as viewer:
        assert viewer.next("state").meta["site"] == "office"


def test_an_event_seen_as_another_is_answered_with_everything(house: Office) -> None:
    with watching(house.url, "office", brings={WHO: "everybody"}) as viewer:
        seen = viewer.next("state").id
    with watching(house.url, "office", seen, brings={WHO: "tenant"}) as viewer:
        assert viewer.next().name == "state"
    with watching(house.url, "office", seen, brings={WHO: "everybody"}) as viewer:
        assert viewer.next().name != "state"


def test_where_a_site_is_gone_its_stream_ends_and_others_go_on(house: Office) -> None:
    with (
        watching(house.url, "secret", brings={WHO: "everybody"}) as gone,
        watching(house.url, "office", brings={WHO: "tenant"}) as other,
    ):
        gone.next("state")
        other.next("state")
        house.sites = {"office": house.site}
        assert gone.ends()
        assert other.next().name in {"alive", "change"}
