"""What ends a move."""


class MoveError(Exception):
    """The move cannot go on, or its result is not what it should be; the message says what, where and what to do."""


class DamagedError(MoveError):
    """A file of an export is not what its manifest says."""
