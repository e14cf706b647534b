"""Dumps written, converted, and read back."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from simulator.convert import Conversion, ConversionError, convert
from simulator.recording import Recording, open_recording
from spaces.native import decode_state
from spaces.times import rfc3339

HEAD = """\
[recording]
site = "house"
timezone = "Europe/Amsterdam"
"""


def run(folder: Path, mapping: str, *, skip_bad_rows: bool = False, **files: str) -> Conversion:
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return convert(folder / "mapping.toml", folder / "out.jsonl.gz", skip_bad_rows=skip_bad_rows)


def said(recording: Path | Recording) -> list[tuple[str, str, bool | None, int | None]]:
    """Return (sensor, time, occupied, people) of each message, having checked that its time is its own."""
    rows = []
    for message in open_recording(recording) if isinstance(recording, Path) else recording:
        state = decode_state(message.payload)
        assert state.millis() == message.at
        occupied = state.occupied if isinstance(state.occupied, bool) else None
        rows.append((message.topic.split("/")[-2], rfc3339(message.at), occupied, state.people))
    return rows


def wrong(folder: Path, mapping: str, **files: str) -> list[tuple[str, int, str]]:
    with pytest.raises(ConversionError) as caught:
        run(folder, mapping, skip_bad_rows=False, **files)
    assert not [file for file in folder.iterdir() if "out" in file.name]
    return [(mistake.file.name, mistake.line, mistake.message) for mistake in caught.value.mistakes]


def dump(folder: Path, mapping: str, files: Mapping[str, str | bytes], *, skip: bool = False) -> Conversion:
    """Write a mapping and files of any name, and convert them; the account balances."""
    folder.mkdir(exist_ok=True)
    (folder / "mapping.toml").write_text(HEAD + mapping, encoding="utf-8")
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    done = convert(folder / "mapping.toml", folder / "out.jsonl", skip_bad_rows=skip)
    balances(done)
    return done


def refused(folder: Path, mapping: str, files: Mapping[str, str | bytes]) -> list[str]:
    """Return "file:line: message" of each mistake of a dump that cannot be converted."""
    with pytest.raises(ConversionError) as caught:
        dump(folder, mapping, files)
    return [f"{one.file.name}:{one.line}: {one.message}" for one in caught.value.mistakes]


def balances(done: Conversion) -> None:
    """Hold the account to itself: every value is taken, repeated or left out for a reason."""
    for file in done.account.files:
        assert file.values == file.taken + file.repeated + sum(file.left_out.values()), file


def moments(done: Conversion) -> list[str]:
    """Return the times of all messages."""
    return [rfc3339(message.at) for message in open_recording(done.path)]


def people(done: Conversion) -> list[int | None]:
    """Return the people of all messages."""
    return [count for *_, count in said(done.path)]


def occupied(done: Conversion) -> list[tuple[str, bool | None]]:
    """Return (time, occupied) of all messages."""
    return [(time, state) for _, time, state, _ in said(done.path)]
