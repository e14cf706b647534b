"""How much memory this process has, and has had since its program began.

`ru_maxrss` does not say: it begins with what the process had that started this one.
"""

from pathlib import Path


def resident() -> int:
    """Return the memory in use, in bytes."""
    return _bytes("VmRSS:")


def peak() -> int:
    """Return the most that was in use, in bytes."""
    return _bytes("VmHWM:")


def _bytes(name: str) -> int:
    words = Path("/proc/self/status").read_text(encoding="ascii").split()
    return int(words[words.index(name) + 1]) * 1024
