"""Refused messages are kept within bounds, and never in the way."""

import json
from pathlib import Path

from ingest.quarantine import FILES, Quarantine
from ingest.refusals import Reason, Refusal
from tests.ingest.houses import NOW, message

WHY = Refusal(Reason.MALFORMED, "no JSON")


def kept(folder: Path) -> list[dict[str, object]]:
    files = sorted(folder.glob("refused*.jsonl"), key=lambda file: file.name, reverse=False)
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def test_topic_reason_and_head_of_the_payload_are_kept(tmp_path: Path) -> None:
    Quarantine(tmp_path, most_bytes=100_000).keep([(message("{" * 2_000, retained=True), (WHY,))], NOW)
    (entry,) = kept(tmp_path)
    assert entry == {
        "received": "2026-11-18T11:06:40Z",
        "topic": "ledig/v1/house/d1/state",
        "reason": "malformed",
        "detail": "no JSON",
        "retained": True,
        "payload": "{" * 512,
        "bytes": 2_000,
    }


def test_a_message_of_which_several_readings_were_refused_is_one_line(tmp_path: Path) -> None:
    other = Refusal(Reason.STORE, "too old")
    Quarantine(tmp_path, most_bytes=100_000).keep([(message("x"), (WHY, other, WHY))], NOW)
    (entry,) = kept(tmp_path)
    assert (entry["reason"], entry["detail"]) == ("malformed", "no JSON")
    assert entry["also"] == [{"reason": "store", "detail": "too old"}, {"reason": "malformed", "detail": "no JSON"}]


def test_bytes_that_are_no_text_are_kept_in_base64(tmp_path: Path) -> None:
    Quarantine(tmp_path, most_bytes=100_000).keep([(message(b"\xff\x00"), (WHY,))], NOW)
    assert kept(tmp_path)[0]["payload_base64"] == "/wA="


def test_it_rotates_within_its_bound_and_counts_what_went(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path, most_bytes=40_000)
    for number in range(1_000):
        quarantine.keep([(message(str(number)), (WHY,))], NOW)
    size = sum(file.stat().st_size for file in tmp_path.iterdir())
    assert 20_000 < size < 41_000
    assert len(list(tmp_path.iterdir())) == FILES
    entries = kept(tmp_path)
    assert quarantine.rotated_out + len(entries) == 1_000
    assert {int(str(entry["payload"])) for entry in entries} == set(range(1_000 - len(entries), 1_000))


def test_a_flood_in_one_batch_rotates_as_well(tmp_path: Path) -> None:
    quarantine = Quarantine(tmp_path, most_bytes=40_000)
    quarantine.keep([(message(str(number)), (WHY,)) for number in range(1_000)], NOW)
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 41_000
    assert quarantine.rotated_out + len(kept(tmp_path)) == 1_000


def test_what_an_earlier_life_kept_is_counted_when_it_goes(tmp_path: Path) -> None:
    Quarantine(tmp_path, most_bytes=40_000).keep([(message(str(n)), (WHY,)) for n in range(50)], NOW)
    second = Quarantine(tmp_path, most_bytes=40_000)
    second.keep([(message(str(number)), (WHY,)) for number in range(1_000)], NOW)
    assert second.rotated_out + len(kept(tmp_path)) == 1_050


def test_what_cannot_be_written_is_counted_and_nothing_is_raised(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    quarantine = Quarantine(tmp_path / "file", most_bytes=40_000)
    quarantine.keep([(message("x"), (WHY,))] * 3, NOW)
    assert quarantine.unkept == 3
