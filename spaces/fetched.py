"""Calendars that were fetched from addresses: in a folder `ROOM.ics`, and what is known of it in `ROOM.json`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from spaces.addresses import Address
from spaces.guard import read_file
from spaces.mistakes import Mistake
from spaces.times import Millis

FETCHED = "calendars"
"""In the data folder, what was fetched: a folder for each site."""
_LARGEST = 100_000
"""Bytes of a note."""


class Note(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known of a fetched calendar: of which address it is, by its mark, and when that last answered well."""

    address: str
    checked: Millis | None = None
    """UTC ms; None before the first good answer: there is no calendar yet."""
    etag: str = ""
    modified: str = ""
    trouble: str = ""
    """What was wrong with the last answer, in words that hold no secret."""


def note_file(file: Path) -> Path:
    """Return where the note of a fetched calendar lies."""
    return file.with_name(f"{file.name.removesuffix('.ics')}.json")


def read_note(file: Path, address: Address) -> Note:
    """Return what is known of a fetched calendar: nothing yet where its note is not there, or of another address."""
    try:
        note = msgspec.json.decode(read_file(note_file(file), _LARGEST), type=Note)
    except (OSError, msgspec.DecodeError):
        return Note(address.mark)
    return note if note.address == address.mark else Note(address.mark)


@dataclass(frozen=True, slots=True)
class Fetched:
    """The addresses of a site's rooms, and the folder of what was fetched from them; None where nothing is fetched."""

    folder: Path | None = None
    addresses: Mapping[str, Address] = field(default_factory=dict)

    def file(self, room: str) -> Path:
        """Return where a room's calendar lies."""
        return (self.folder or Path()) / f"{room}.ics"

    def files(self) -> list[Path]:
        """Return the files whose changes matter, whether they exist or not."""
        calendars = [self.file(room) for room in self.addresses] if self.folder else []
        return [file for calendar in calendars for file in (calendar, note_file(calendar))]

    def notes(self) -> dict[str, Note]:
        """Return what is known of each room's calendar."""
        return {
            room: read_note(self.file(room), address) if self.folder else Note(address.mark)
            for room, address in self.addresses.items()
        }

    def mistakes(self, notes: Mapping[str, Note]) -> list[Mistake]:
        """Return what was wrong with the last answers, by the room and the host."""
        return [
            Mistake(self.file(room), 1, f"room {room}: {self.addresses[room]} {note.trouble}")
            for room, note in notes.items()
            if note.trouble
        ]
