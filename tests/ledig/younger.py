"""`python -m tests.ledig.younger ...`: the real ledig, whose demo begins five weeks ago instead of thirteen.

How much history there is plays no part in whether it is completed after a break.
"""

from ledig import demo
from ledig.main import main
from spaces.times import DAY

HISTORY = 35 * DAY

if __name__ == "__main__":
    demo.HISTORY = HISTORY
    main()
