"""The VictoriaMetrics store keeps the contract on a real server."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from spaces.reading import Reading
from spaces.times import BEGINNING, DAY, FOREVER
from store.protocol import Appended, ForbiddenError, RefusalError, Store, StoreError
from store.victoria.settings import VictoriaSettings
from store.victoria.victoria import VictoriaStore
from tests.ledig.running import wait_for
from tests.programs import required
from tests.store.contract import StoreContract, some, whole
from tests.victoria import COMMON, ContractStore, Node, running_node


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with running_node(tmp_path) as node:
        yield node


class TestVictoriaStore(StoreContract):
    keeps_every_seq = False
    recognises_duplicates = False

    @pytest.fixture
    def store(self, node: Node) -> Iterator[VictoriaStore]:
        store = ContractStore(node.settings(), node)
        yield store
        store.close()


T0 = 1_780_000_000_000
NASTY = ("plain", "a b", "a,b", "a=b", "a\nb", 'a"b', "a'b", "a\\", "\\", "a\\,b", "büro", "会议", "a\x00b", "", "%",
         "%41", "${x}", "$", '" or true', 'x"} or {site=~".*', "a|b", "a.c", "d-201", "a" * 64)  # fmt: skip


@pytest.fixture
def store(node: Node) -> Iterator[VictoriaStore]:
    opened = ContractStore(node.settings(), node)
    yield opened
    opened.close()


def test_no_id_can_break_out_of_its_tag_or_its_question(store: Store) -> None:
    rows = [Reading("plain", sensor, T0, T0, occupied=True) for sensor in NASTY]
    rows += [Reading(site, "d", T0, T0 + 2, occupied=True) for site in NASTY[1:]]
    store.append(rows)
    assert store.sites() == tuple(sorted(NASTY))
    for site in NASTY:
        wanted = sorted((row for row in rows if row.site == site), key=lambda row: row.sensor)
        assert store.latest(site) == wanted
        assert store.read(site, T0, T0 + 9).sensors == tuple(row.sensor for row in wanted)
        assert store.extent(site) == (T0, T0)


def test_unknown_is_neither_vacant_nor_nothing(store: Store) -> None:
    rows = [
        Reading("s", "a", T0 + 1, T0 + 1, occupied=None),
        Reading("s", "a", T0 + 2, T0 + 2, occupied=False),
        Reading("s", "b", T0 + 1, T0 + 1, occupied=None, people=3),
    ]
    store.append(rows)
    found = store.read("s", T0, T0 + 9)
    assert (found.occupied.tolist(), found.people.tolist()) == ([-1, 0, -1], [-1, -1, 3])
    assert whole(store, "s", T0, T0 + 9) == rows


def test_numbers_are_exact_to_2_to_the_53_and_the_largest_is_no_overflow(store: Store) -> None:
    rows = [Reading("s", "a", T0 + n, T0 + n, seq=seq) for n, seq in enumerate((0, 2**53 - 1, 2**53))]
    rows.append(Reading("s", "b", T0, T0 + 10**12 + 1, battery=33.3333333333))
    store.append([*rows, Reading("s", "c", T0, T0, seq=2**63 - 1)])
    *found, largest = whole(store, "s", T0, T0 + 9)
    assert found == rows
    assert largest.seq is not None
    assert 2**63 - 2_048 <= largest.seq < 2**63


def test_the_newest_of_sensors_that_fell_silent_years_apart(store: Store) -> None:
    rows = [Reading("s", f"d{n:03}", T0 - (120 - n) * 3 * DAY, T0, people=n) for n in range(120)]
    older = [Reading("s", row.sensor, row.time - 7, T0, occupied=True, battery=5.5) for row in rows]
    store.append(rows + older)
    assert store.latest("s") == rows
    assert store.extent("s") == (older[0].time, rows[-1].time)


def test_windows_may_have_no_end(store: Store) -> None:
    store.append(some(5))
    assert len(store.read("s", BEGINNING, FOREVER)) == len(whole(store, "s", BEGINNING, FOREVER)) == 5
    assert len(store.read("s", 9, 9)) == len(store.read("s", FOREVER - 1, FOREVER)) == 0


@pytest.fixture(scope="module", autouse=True)
def left_alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VictoriaStore]:
    """A server that was given something when the first test here began: it takes its time, others use it."""
    with running_node(tmp_path_factory.mktemp("alone")) as node, closing(VictoriaStore(node.settings())) as store:
        store.append([Reading("s", "d", T0, T0, occupied=True)])
        yield store


def test_what_is_written_is_soon_readable_by_itself(left_alone: VictoriaStore) -> None:
    wait_for(lambda: len(left_alone.read("s", T0, T0 + 1)) == 1, "it does not show what it was given")
    wait_for(lambda: left_alone.sites() == ("s",), "it does not tell of the site")


def test_the_epoch_changes_with_a_restart_and_with_nothing_else(node: Node) -> None:
    with closing(VictoriaStore(node.settings())) as store:
        before = store.epoch()
        store.append([Reading("s", "d", T0, T0, occupied=True)])
        assert store.epoch() == before
        assert time.time() - store.started() < 60
        node.kill()
        with pytest.raises(StoreError, match="nobody listens"):
            store.epoch()
        time.sleep(1)  # it tells its start in whole seconds
        node.start()
        assert store.epoch() != before


@pytest.mark.parametrize("flag", ["-dedup.minScrapeInterval=1ms", "-dedup.minScrapeInterval=1m"])
def test_a_server_that_would_throw_readings_away_is_given_none(tmp_path: Path, flag: str) -> None:
    with running_node(tmp_path, flag) as node, closing(VictoriaStore(node.settings())) as store:
        for ask in (lambda: store.append(some(3)), store.epoch):
            with pytest.raises(StoreError, match=r"dedup\.minScrapeInterval"):
                ask()


def test_what_the_server_would_throw_away_is_refused(tmp_path: Path) -> None:
    now = int(time.time() * 1_000)
    with running_node(tmp_path, "-retentionPeriod=3d") as node, closing(VictoriaStore(node.settings())) as store:
        good = Reading("s", "d", now - 2 * DAY, now, occupied=True)
        assert store.append([good]) == Appended(1, 0)
        for bad, why in (
            (Reading("s", "d", now - 4 * DAY, now), "older than 3 days"),
            (Reading("s", "d", now + 3 * DAY, now), "ahead"),
            (Reading("s", "d", 5, now), "1970"),
            (Reading("s", "d" * 2_000, now, now), "no name"),
        ):
            with pytest.raises(RefusalError, match=why):
                store.append([good, bad])


def test_a_password_lets_us_in_and_is_never_shown(tmp_path: Path) -> None:
    one = [Reading("s", "d", T0, T0)]
    secret = ("-httpAuth.username=me", "-httpAuth.password=s3cret/@")
    node = Node(required("victoria-metrics"), tmp_path, *secret, *COMMON)
    node.start()
    wrong, right = (node.url.replace("//", f"//me:{word}@") for word in ("wrong", "s3cret%2F%40"))
    try:
        with closing(VictoriaStore(VictoriaSettings(write_url=wrong))) as store:
            for ask in (lambda: store.append(one), store.sites, lambda: store.read("s", 0, FOREVER)):
                with pytest.raises(ForbiddenError) as caught:
                    ask()
                assert "wrong" not in str(caught.value)
        with closing(VictoriaStore(VictoriaSettings(write_url=right))) as store:
            assert store.append(one) == Appended(1, 0)
            assert store.sites() in {(), ("s",)}
    finally:
        node.kill()
