"""Recordings: whatever is written is read again; whatever is broken is named with its line; no half file ever."""

import errno
import gzip
import io
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.recording import (
    Header,
    Message,
    Recorder,
    RecordingError,
    decode_message,
    encode_message,
    open_recording,
)

HEADER = Header(site="odense", zone="Europe/Copenhagen", note="four rooms")
SOME = [
    Message(1_500_000_000_000, "ledig/v1/odense/room-1/state", b'{"people":3}'),
    Message(1_500_000_060_000, "ledig/v1/odense/room-2/state", b"\xff\x00\xfe", retain=True),
    Message(1_500_000_060_000, "ledig/v1/odense/room-2/state", b""),
]
GOOD = b'{"format":"ledig-recording","version":1,"site":"s"}\n{"at":5,"topic":"a/b","payload":"on"}\n'


def written(path: Path, messages: list[Message] = SOME, header: Header = HEADER) -> Path:
    with Recorder(path, header) as recorder:
        for message in messages:
            recorder.append(message)
    return path


def mistake(path: Path) -> tuple[int, str]:
    with pytest.raises(RecordingError) as caught:
        list(open_recording(path))
    [found] = caught.value.mistakes
    assert found.file == path
    return found.line, found.message


messages = st.builds(
    Message,
    at=st.integers(-(2**53), 2**53),
    topic=st.text(st.characters(exclude_characters="+#\0", exclude_categories=["Cs"]), min_size=1, max_size=40),
    payload=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode(errors="replace")),
    retain=st.booleans(),
)


@given(messages)
def test_any_message_is_read_as_it_was_written(message: Message) -> None:
    line = encode_message(message)
    assert b"\n" not in line
    assert decode_message(line) == message


@pytest.mark.parametrize("name", ["r.jsonl", "r.jsonl.gz"])
@settings(max_examples=30)
@given(some=st.lists(messages, max_size=20))
def test_any_recording_is_read_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, name: str, some: list[Message]
) -> None:
    recording = open_recording(written(tmp_path_factory.mktemp("r") / name, some))
    assert recording.header == HEADER
    assert list(recording) == some == list(recording)
    survey = recording.survey()
    assert survey.messages == len(some)
    if some:
        assert (survey.first, survey.last) == (min(m.at for m in some), max(m.at for m in some))


@given(st.binary(max_size=300))
def test_a_line_of_anything_is_a_message_or_a_clear_refusal(line: bytes) -> None:
    try:
        read = decode_message(line)
    except ValueError:
        return
    assert decode_message(encode_message(read)) == read


@pytest.mark.parametrize("name", ["r.jsonl", "r.jsonl.gz"])
def test_the_same_messages_give_the_same_bytes(tmp_path: Path, name: str) -> None:
    (tmp_path / "later").mkdir()
    assert written(tmp_path / name).read_bytes() == written(tmp_path / "later" / ("x" + name)).read_bytes()


def test_a_packed_file_is_known_by_its_contents(tmp_path: Path) -> None:
    renamed = written(tmp_path / "r.jsonl.gz").rename(tmp_path / "r.jsonl")
    assert list(open_recording(renamed)) == SOME


def test_an_error_while_writing_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    path = written(tmp_path / "r.jsonl.gz")
    before = path.read_bytes()
    with pytest.raises(AttributeError), Recorder(path, HEADER) as recorder:
        fill(recorder, SOME[0], None)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_file_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    with Recorder(tmp_path / "r.jsonl", HEADER) as recorder:
        recorder.append(SOME[0])
        assert not (tmp_path / "r.jsonl").exists()
    assert [file.name for file in tmp_path.iterdir()] == ["r.jsonl"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be written: No such file"), Recorder(tmp_path / "no/r", HEADER):
        pass


class Full(io.RawIOBase):
    """A disk without space."""

    def writable(self) -> bool:
        return True

    def write(self, _: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_a_clear_answer_and_leaves_nothing(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "r.jsonl", HEADER)
    with pytest.raises(RecordingError, match="No space left"), recorder:
        fill_up(recorder)
    assert list(tmp_path.iterdir()) == []


def fill_up(recorder: Recorder) -> None:
    recorder._stream = io.BufferedWriter(Full(), 1)
    fill(recorder, *SOME * 100)


def fill(recorder: Recorder, *messages: Any) -> None:
    for message in messages:
        recorder.append(message)


def test_a_truncated_packed_file_is_named_with_the_line_it_breaks_in(tmp_path: Path) -> None:
    many = [Message(at, "a/b", bytes([at % 256]) * 20) for at in range(500)]
    whole = written(tmp_path / "whole.gz", many).read_bytes()
    cut = tmp_path / "cut.gz"
    cut.write_bytes(whole[: len(whole) // 2])
    line, message = mistake(cut)
    assert 2 <= line <= 501
    assert "ends in the middle" in message


def test_a_damaged_packed_file_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "r.gz", SOME * 300)
    spoilt = bytearray(path.read_bytes())
    spoilt[len(spoilt) // 2] ^= 0xFF
    spoilt[-8] ^= 0xFF
    path.write_bytes(spoilt)
    with pytest.raises(RecordingError):
        open_recording(path).survey()


def test_a_plain_file_that_is_cut_in_a_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(GOOD[:-8])
    line, message = mistake(path)
    assert line == 2
    assert "cut off" in message


@pytest.mark.parametrize(
    ("line", "part"),
    [
        (b'{"at":5,"topic":"a","payload":"x","retian":true}', "did you mean retain?"),
        (b'{"at":5,"topic":"a"}', "a payload or a base64"),
        (b'{"at":5,"topic":"a","payload":"x","base64":"eA=="}', "a payload or a base64"),
        (b'{"at":"now","topic":"a","payload":"x"}', "Expected `int`"),
        (b'{"topic":"a","payload":"x"}', "missing required field `at`"),
        (b'{"at":5,"topic":"a/+","payload":"x"}', "not for publishing"),
        (b'{"at":5,"topic":"","payload":"x"}', "a topic has 1 to"),
        (b'{"at":5,"topic":"a","base64":"?"}', "base64"),
        (b'{"at":1e300,"topic":"a","payload":"x"}', "Expected `int`"),
        (b'\xff{"at":5}', "malformed"),
        (b"[" * 100_000, "Expected `object`"),
        (b"5", "Expected `object`"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: bytes, part: str) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(GOOD + b"\n" + line + b"\n")
    number, message = mistake(path)
    assert number == 4
    assert part in message
    assert len(message) < 400


@pytest.mark.parametrize(
    ("first", "part"),
    [
        (b"", "must begin with a line such as"),
        (b"DayId,Time\n", "must begin with a line such as"),
        (b"\x00\x01\x02", "must begin with a line such as"),
        (b'{"format":"ledig-recording","version":2,"site":"s"}', "this ledig reads version 1"),
        (b'{"format":"ledig-recording","version":1,"site":"s","zome":"x"}', "did you mean zone?"),
        (b'{"format":"ledig-recording","version":1}', "missing required field `site`"),
    ],
)
def test_what_is_no_recording_of_ours_is_said(tmp_path: Path, first: bytes, part: str) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(first)
    with pytest.raises(RecordingError) as caught:
        open_recording(path)
    assert part in str(caught.value)
    assert str(caught.value).startswith(f"{path}:1: ")


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    assert mistake(tmp_path / "none.jsonl") == (1, "there is no such file")


def test_a_folder_is_no_recording(tmp_path: Path) -> None:
    assert "cannot be read" in mistake(tmp_path)[1]


def test_memory_does_not_grow_with_the_recording(tmp_path: Path) -> None:
    many = 100_000
    tracemalloc.start()
    with Recorder(tmp_path / "r.jsonl.gz", HEADER) as recorder:
        for at in range(many):
            recorder.append(Message(at, "ledig/v1/odense/room-1/state", b'{"people":3}' * 4))
    assert open_recording(tmp_path / "r.jsonl.gz").survey().messages == many
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 3_000_000


def test_a_gzip_file_of_two_parts_is_one(tmp_path: Path) -> None:
    path = tmp_path / "r.gz"
    path.write_bytes(gzip.compress(GOOD) + gzip.compress(b'{"at":6,"topic":"a/b","payload":"off"}\n'))
    assert [message.at for message in open_recording(path)] == [5, 6]


def test_the_example_in_our_documentation_is_a_recording(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/real-data.md").read_text(encoding="utf-8")
    (tmp_path / "r.jsonl").write_text(page.partition("```json\n")[2].partition("```")[0], encoding="utf-8")
    [message] = open_recording(tmp_path / "r.jsonl")
    assert message.topic == "ledig/v1/odense/counter-1/state"
