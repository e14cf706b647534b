"""Whether SQLite will take everything that its write-ahead log holds: at the first bad frame it stops without a word.

The format is documented at https://sqlite.org/fileformat2.html#the_write_ahead_log.
"""

import struct

_HEADER, _FRAME = 32, 24
_LITTLE, _BIG = 0x377F0682, 0x377F0683
_WORD = 0xFFFFFFFF
_GENERATIONS = 1 << 24


def is_whole(log: bytes) -> bool:
    """Whether no frame of a log's present generation is damaged or cut.

    What a killed process leaves is whole: frames of a transaction that was not committed, or the head of a frame
    alone. Frames of older generations, which SQLite overwrites in turn, do not matter.
    """
    if not log:
        return True
    if len(log) < _HEADER:
        return False
    magic, _, page, _, *_ = struct.unpack_from(">4I", log)
    order = {_LITTLE: "<", _BIG: ">"}.get(magic)
    sums = None if order is None else _checksum(order, (0, 0), log[:24])
    if order is None or page < 512 or sums != struct.unpack_from(">2I", log, 24):
        return False
    return _frames_are_whole(log, order, page, sums)


def _frames_are_whole(log: bytes, order: str, page: int, sums: tuple[int, int]) -> bool:
    salts, size = log[16:24], _FRAME + page
    at = _HEADER
    while at + size <= len(log) and log[at + 8 : at + 16] == salts:
        sums = _checksum(order, sums, log[at : at + 8])
        sums = _checksum(order, sums, log[at + _FRAME : at + size])
        if sums != struct.unpack_from(">2I", log, at + 16):
            return False
        at += size
    rest = (len(log) - _HEADER) % size
    return rest in {0, _FRAME} and all(_is_older(log[n + 8 : n + 16], salts) for n in range(at, len(log) - rest, size))


def _is_older(salts: bytes, present: bytes) -> bool:
    """Whether a frame is of an older generation: the first salt counts them, the second is random."""
    generation, newest = (int.from_bytes(one[:4], "big") for one in (salts, present))
    return 0 < (newest - generation) & _WORD < _GENERATIONS


def _checksum(order: str, sums: tuple[int, int], data: bytes) -> tuple[int, int]:
    one, two = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = (one + first + two) & _WORD
        two = (two + second + one) & _WORD
    return one, two
