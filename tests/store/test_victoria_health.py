"""The epoch of a VictoriaMetrics, from what it tells of itself."""

import pytest

from store.protocol import StoreError
from store.victoria.health import health_of

NODES = "abc"


def metrics(*, started: int = 7, away: str = "", broken: int = 0, few: int = 0, more: str = "", dials: int = 0) -> str:
    lines = [f"process_start_time_seconds {started}"]
    for node in NODES:
        labels = f'{{name="vminsert", addr="{node}:8400", rpc_call="metric_rows"}}'
        lines += [
            f"vm_rpc_vmstorage_is_reachable{labels} {int(node not in away)}",
            f"vm_rpc_connection_errors_total{labels} {broken}",
            f"vm_rpc_dial_errors_total{labels} {dials}",
        ]
    return "\n".join([*lines, f"vm_rpc_rows_incompletely_replicated_total {few}", more])


@pytest.mark.parametrize(
    "other",
    [metrics(started=8), metrics(away="a"), metrics(away="ab"), metrics(broken=1), metrics(few=3)],
)
def test_what_may_have_lost_something_is_another_epoch(other: str) -> None:
    assert health_of(other).epoch != health_of(metrics()).epoch


def test_while_a_node_stays_away_nothing_is_news() -> None:
    assert health_of(metrics(away="a", dials=9, few=3)).epoch == health_of(metrics(away="a", dials=5, few=1)).epoch


@pytest.mark.parametrize(
    ("told", "days"), [("1", 31), ("100y", 36_500), ("36h", 1.5), ("2w", 14), ("1M", 31), ("3d", 3), ("1.5", 46.5)]
)
def test_the_retention_is_what_the_server_says(told: str, days: float) -> None:
    flag = f'flag{{name="retentionPeriod", value="{told}", is_set="true"}} 1'
    assert health_of(metrics(more=flag)).retention_days == days


def test_a_server_that_drops_repeats_will_not_do() -> None:
    with pytest.raises(StoreError, match="throw readings away"):
        health_of(metrics(more='flag{name="dedup.minScrapeInterval", value="1ms", is_set="true"} 1'))
    for none in ("0s", "0", "0ms"):
        health_of(metrics(more=f'flag{{name="dedup.minScrapeInterval", value="{none}", is_set="false"}} 1'))


def test_what_tells_nothing_of_its_start_is_no_victoriametrics() -> None:
    with pytest.raises(StoreError, match="check the URL"):
        health_of("# HELP python_info\n")
