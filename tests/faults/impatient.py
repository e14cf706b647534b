"""`python -m tests.faults.impatient ...`: the real ledig, which trusts a server store a second after its answer.

The thirty seconds that it waits else are for what a store forgets that is killed after its answer: F29 is about that.
"""

from ledig import stores
from ledig.main import main

HOLD = 1.0
"""Seconds."""

if __name__ == "__main__":
    stores.HOLD = HOLD
    main()
