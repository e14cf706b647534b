"""The time that real houses go by, and what the operating system says of it."""

import ctypes
import sys
import time

from ingest.clockwatch import Clock
from spaces.times import SECOND, Millis

_NO_ERROR_KNOWN = 16_000_000
"""Microseconds by which Linux says that a clock may be off that nobody has set by another one, lately or ever."""


class _Timex(ctypes.Structure):
    """The beginning of `struct timex` (Linux, adjtimex(2)), and room for the rest."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("rest", ctypes.c_byte * 512),
    )


def wall_clock() -> Millis:
    """Return the time on the wall, in UTC ms."""
    return int(time.time() * SECOND)


def is_synchronised() -> bool:
    """Return whether the clock is set by others (NTP, PTP), as far as can be told: where nothing is known it is.

    The largest error is asked for, not the flag: chrony leaves the flag alone unless it sets the hardware clock too.
    """
    if sys.platform != "linux":
        return True
    asked = _Timex()
    if ctypes.CDLL(None).adjtimex(ctypes.byref(asked)) < 0:  # forbidden in this container, say
        return True
    return int(asked.maxerror) < _NO_ERROR_KNOWN


def running() -> Millis:
    """Return for how long the machine has been running, in ms: nobody sets this one."""
    since_boot = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # the first counts on while it sleeps
    return time.clock_gettime_ns(since_boot) // 1_000_000


def system_clock() -> Clock:
    """Return the machine's own clock, with what there is to doubt it by."""
    return Clock(wall_clock, is_synchronised, running)
