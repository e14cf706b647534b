"""How far times may lie ahead of a clock."""

from spaces.times import DAY, MINUTE, Millis

AHEAD: Millis = 5 * MINUTE
"""How far after its receipt a reading's own time may be: clocks that are right are not farther apart."""
WRONG: Millis = DAY + AHEAD
"""A time farther ahead of a clock than this was told by one that was wrong: it is kept, and nothing goes by it.

(A clock that is set back by a day is wrong by a day, and what it was told before may be five minutes ahead of it.)
"""
