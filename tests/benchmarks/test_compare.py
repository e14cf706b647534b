"""The comparison of two checkouts finds nothing where nothing differs, and a single number where one does."""

import shutil
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.compare.answers import Answer, difference, metric_names
from benchmarks.compare.asking import Both, ask_everything
from benchmarks.compare.changes import bring_keys, bring_readings, write_notes
from benchmarks.compare.checkouts import HERE, Checkout, Probe
from benchmarks.compare.findings import Agreed, Findings, agreed_in
from benchmarks.compare.questions import Question
from tests.folders.make import NOW, SITE
from tests.folders.test_folders import PACKED

HERE_BOTH = Checkout("here", HERE)
ONE_MORE = {"site": "village", "sensor": "s-desk-7", "time": NOW - 1_000, "received": NOW, "occupied": False}
"""It was occupied until then."""


@pytest.fixture
def probes(tmp_path: Path) -> Iterator[list[Probe]]:
    """This checkout twice, each over a copy of the same folder."""
    with tarfile.open(PACKED) as packed, ExitStack() as stack:
        packed.extractall(tmp_path, filter="data")
        (tmp_path / "sites").mkdir()
        shutil.copy(SITE, tmp_path / "sites/site.toml")
        folders = [shutil.copytree(tmp_path / "serve/data", tmp_path / name) for name in ("old", "new")]
        yield [stack.enter_context(HERE_BOTH.probe(folder, tmp_path / "sites", NOW)) for folder in folders]


def both(probes: list[Probe], findings: Findings, api: str = "rollups") -> Both:
    return Both(f"village {api}", (probes[0].urls[api], probes[1].urls[api]), findings)


def test_the_same_code_over_the_same_data_differs_in_nothing(probes: list[Probe]) -> None:
    """All of one route, notes, keys, and what readings change."""
    findings = Findings([], only="/utilisation")
    asked = both(probes, findings)
    routes, [place] = asked.routes(), asked.places(NOW)
    ask_everything(asked, [place], ["page.css"], rolled=False)
    findings.only = ""
    bring_keys(both(probes, findings, "keyed"), place, routes[:3])
    write_notes(asked, place)
    bring_readings([asked, both(probes, findings, "readings")], probes, place, routes[:8])
    assert findings.compared > 300
    assert findings.differ == 0
    assert findings.tell() == 0


def test_one_reading_more_is_found(probes: list[Probe], capsys: pytest.CaptureFixture[str]) -> None:
    probes[1].append([ONE_MORE])
    findings = Findings([Agreed("* /v1/sites/village/sensors*", "one more was heard")], only="/v1/sites/village")
    asked = both(probes, findings)
    asked.ask(
        [Question(f"/v1/sites/village/{path}") for path in ("utilisation", "heatmap", "status", "sensors", "rooms")]
    )
    assert (findings.compared, findings.differ, findings.meant) == (5, 3, 1)
    assert findings.tell() == 1
    told = capsys.readouterr().out
    assert "DIFFER village rollups GET /v1/sites/village/utilisation: byte " in told
    assert "meant  village rollups GET /v1/sites/village/sensors: " in told
    assert "5 answers compared, 3 differ, 1 as agreed" in told


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (Answer(404, {"a": "1"}, b"body", b""), "status 200 became 404: 'body'"),
        (Answer(200, {"a": "2"}, b"body", b""), "header a: '1' became '2'"),
        (Answer(200, {}, b"body", b""), "header a: '1' became None"),
        (Answer(200, {"a": "1"}, b"bodies", b""), "byte 3: 'body' became 'bodies'"),
        (Answer(200, {"a": "1"}, b"bod", b""), "byte 3: 'body' became 'bod'"),
        (Answer(200, {"a": "1"}, b"body", b"random"), None),
    ],
)
def test_the_first_difference_is_told(other: Answer, told: str | None) -> None:
    assert difference(Answer(200, {"a": "1"}, b"body", b""), other) == told


def test_metrics_are_held_to_their_names_and_labels() -> None:
    one, other = b'# HELP b B\nb{x="1"} 5.0\na 2.0\n', b'a 3.0\n# HELP b B\nb{x="1"} 6.0\n'
    assert metric_names(one) == metric_names(other)
    assert metric_names(one) != metric_names(one.replace(b'"1"', b'"2"'))


def test_nothing_is_agreed_without_a_reason(tmp_path: Path) -> None:
    file = tmp_path / "agreed.toml"
    file.write_text('[[agreed]]\nquestion = "*"\n')
    with pytest.raises(SystemExit, match="a question and a reason"):
        agreed_in(file)
    file.write_text('[[agreed]]\nquestion = "* /metrics"\nreason = "counts of readings"\n')
    assert agreed_in(file) == [Agreed("* /metrics", "counts of readings")]
