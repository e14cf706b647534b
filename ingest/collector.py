"""Python's garbage collector under a flood of messages: there is little for it to find, and it looks often."""

import gc

YOUNG = 50_000
"""Objects more than before until it looks: some five batches' worth. The default of 700 costs a tenth of our CPU."""


def calm_collector() -> None:
    """Let the collector look less often, and no more at what was made until now. For a process that ingests.

    Messages are freed by their reference counts when their batch is done; cycles are rare and found a little later.
    """
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)
