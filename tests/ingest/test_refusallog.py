"""Refused messages in the log: one line a reason now and then."""

import logging

import pytest

from ingest.refusallog import EVERY, RefusalLog
from ingest.refusals import Reason, Refusal
from ingest.verdicts import Refused
from tests.ingest.houses import message, topic


def refused(reason: Reason, sensor: str = "d1") -> Refused:
    return message("secret payload", on=topic(sensor)), [Refusal(reason, "why it is")]


def test_a_reason_is_told_once_a_minute_with_how_many_more_there_were(caplog: pytest.LogCaptureFixture) -> None:
    now = 1_000.0
    told = RefusalLog(lambda: now)
    told.note([refused(Reason.EMPTY, f"d{number}") for number in range(1_000)])
    told.note([refused(Reason.TOO_LATE)])
    assert [record.getMessage() for record in caplog.records] == [
        "refused as empty: ledig/v1/house/d0/state: why it is",
        "refused as too_late: ledig/v1/house/d1/state: why it is",
    ]
    now += EVERY - 1
    told.note([refused(Reason.EMPTY)])
    now += 1
    told.note([refused(Reason.EMPTY), refused(Reason.EMPTY), refused(Reason.TOO_LATE)])
    assert [record.getMessage() for record in caplog.records[2:]] == [
        "refused as empty: ledig/v1/house/d1/state: why it is; 1000 more of this reason since the last such line",
        "refused as too_late: ledig/v1/house/d1/state: why it is",
    ]
    assert {record.levelno for record in caplog.records} == {logging.WARNING}
    assert "secret" not in caplog.text
