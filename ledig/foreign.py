"""`ledig import --influx`: readings out of an operator's own InfluxDB bucket, by a mapping."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from ledig.problem import USAGE, CommandError
from ledig.settings import Settings
from ledig.stopping import complain, say, stopped
from ledig.stores import HOLD, influx_settings
from spaces.reading import Reading
from spaces.times import SECOND
from store.influx.foreign import ForeignBucket
from store.influx.mapping import BucketMapping, load_mapping
from store.moving.copying import Copied, Progress, copy
from store.protocol import Store


def import_bucket(file: Path, settings: Settings, store: Store, stop: threading.Event, progress: Progress) -> int:
    """Bring a bucket into a store and look for everything there; return the exit status.

    What lies ahead of now is left out: else what the operator's own system writes meanwhile would seem to be missing.

    Raises:
        CommandError: the bucket is that of the store itself.
        FileError: with everything that is wrong with the mapping.
        StoreError: one of the two servers does not answer.
    """
    mapping = load_mapping(file)
    if settings.store == "influxdb" and mapping.bucket == settings.influxdb_bucket:
        raise CommandError(
            f"{file}: the bucket {mapping.bucket!r} is that of the store; it can be read from another one"
        )
    mapping = replace(mapping, end=min(mapping.end, time.time_ns() * SECOND // 10**9))
    settle = HOLD if settings.store == "victoriametrics" else 0.0
    with closing(ForeignBucket(influx_settings(settings), mapping)) as bucket:

        def batches() -> Iterator[Sequence[Reading]]:
            bucket.skipped.clear()
            return bucket.batches()

        done = copy(batches, store, stop, settle=settle, progress=progress)
    for reason, count in sorted(bucket.skipped.items()):
        complain(f"points that make no reading: {count:,}: {reason}")
    return _report(done, mapping)


def _report(done: Copied, mapping: BucketMapping) -> int:
    say(f"readings of {mapping.site} stored: {done.stored:,}, there already: {done.duplicate:,}")
    if done.stopped:
        return stopped("the same command begins again, and what is there is not stored twice")
    say(f"read again from {mapping.bucket}, and looked for in the store; missing: {done.missing:,}")
    return USAGE if done.missing else 0
