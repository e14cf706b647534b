"""The line to InfluxDB: bytes of line protocol out, columns or rows of annotated CSV in."""

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

import pyarrow as pa
from influxdb_client import Dialect, InfluxDBClient, QueryApi, WriteService
from influxdb_client.rest import ApiException
from pyarrow import csv as pacsv
from urllib3 import BaseHTTPResponse

from store.answers import answer_error, is_page, page_error, reading_error, talking
from store.influx.settings import InfluxSettings
from store.protocol import RefusalError, StoreError

_DIALECT = Dialect(header=True, delimiter=",", annotations=[], date_time_format="RFC3339Nano")
_BLOCK = 1 << 20
_HEAD = 4_096


class Connection:
    """Speaks with one server by influxdb-client, with a time-out on every call and no retries: those are the caller's.

    Any thread may use it. It does not outlive a fork: make one in the process that uses it.
    """

    def __init__(self, settings: InfluxSettings) -> None:
        self._settings = settings
        self._writing = _client(settings, settings.write_timeout)
        self._reading = _client(settings, settings.read_timeout)
        self._write = WriteService(self._writing.api_client).post_write_with_http_info
        self._query: QueryApi = self._reading.query_api()

    def write(self, lines: bytes) -> None:
        """Write line protocol with times in nanoseconds; durable when this returns.

        Raises:
            StoreError: or one of its kinds; some of the lines may have been written nevertheless.
        """
        where = self._settings.where
        with talking(where):
            try:
                _, status, _ = self._write(
                    self._settings.org,
                    self._settings.bucket,
                    lines,
                    precision="ns",
                    content_type="text/plain; charset=utf-8",
                    content_encoding="gzip" if self._settings.gzip else "identity",
                )
            except ApiException as error:
                raise self._refused(error) from None
            except UnicodeDecodeError:
                raise StoreError(f"{where} answers with what is no text; check the URL") from None
        if status != 204:
            raise StoreError(f"{where} answers {status} where InfluxDB answers 204, so it is none; check the URL")

    def columns(self, question: str, types: Mapping[str, pa.DataType]) -> Iterator[pa.RecordBatch]:
        """Yield the answer, one table, as it comes, in columns of the types given.

        Raises:
            StoreError: it does not answer, or not to the end.
        """
        options = pacsv.ConvertOptions(column_types=types, include_columns=list(types))
        reading = pacsv.ReadOptions(block_size=_BLOCK)
        with self._answer(question) as answer:
            if answer.empty:
                return
            try:
                with pacsv.open_csv(answer, read_options=reading, convert_options=options) as batches:
                    yield from batches
            except pa.ArrowException as error:
                raise self._broken_off(str(error)) from None

    def rows(self, question: str, *columns: str, optional: Collection[str] = ()) -> list[tuple[str, ...]]:
        """Return some columns of a short answer, of any number of tables, as text.

        Those that are `optional` are empty in tables without them.

        Raises:
            StoreError: it does not answer, or not to the end.
        """
        with self._answer(question) as answer:
            text = io.TextIOWrapper(io.BytesIO(answer.read()), errors="replace", newline="")
        found: list[tuple[str, ...]] = []
        places: list[int | None] = []
        for line in csv.reader(text):
            if not any(line):
                places = []
            elif not places:
                places = self._places(line, columns, optional)
            else:
                found.append(self._picked(line, places))
        return found

    def close(self) -> None:
        """Let go of the connections."""
        self._writing.close()
        self._reading.close()

    def _places(self, header: Sequence[str], columns: Sequence[str], optional: Collection[str]) -> list[int | None]:
        if missing := set(columns) - set(header) - set(optional):
            raise self._broken_off(f"no {' and '.join(sorted(missing))} in {' '.join(header)}")
        return [header.index(column) if column in header else None for column in columns]

    def _picked(self, line: Sequence[str], places: Sequence[int | None]) -> tuple[str, ...]:
        if len(line) <= max(place for place in places if place is not None):
            raise self._broken_off(" ".join(line))
        return tuple("" if place is None else line[place] for place in places)

    def _broken_off(self, said: str) -> StoreError:
        return StoreError(f"{self._settings.where} broke its answer off: {said[:300]!r}")

    def _refused(self, error: ApiException) -> StoreError:
        where = self._settings.where
        if not error.status:
            return StoreError(f"{where} cannot be trusted, or speaks no TLS: {str(error.reason)[:300]!r}")
        return _advised(answer_error(error.status, error.headers or {}, error.body or b"", where=where))

    @contextmanager
    def _answer(self, question: str) -> Iterator["_Answer"]:
        where = self._settings.where
        with talking(where):
            try:
                response = self._query.query_raw(question, dialect=_DIALECT)
            except ApiException as error:
                if not error.status:
                    raise self._refused(error) from None
                raise _advised(
                    reading_error(error.status, error.headers or {}, error.body or b"", where=where)
                ) from None
            whole = False
            try:
                answer = _Answer(response)
                if is_page(answer.head.decode(errors="replace")):
                    raise page_error(answer.head.decode(errors="replace"), where=where)
                yield answer
                whole = True
            finally:
                if whole:
                    response.drain_conn()
                    response.release_conn()
                else:
                    response.close()


class _Answer:
    """An answer as a file that has already been looked into."""

    def __init__(self, response: BaseHTTPResponse) -> None:
        self._response = response
        self.head = response.read(_HEAD)
        self.empty = not self.head.strip()
        self._unread = self.head
        self.closed = False

    def read(self, size: int | None = None) -> bytes:
        """Read as a file does."""
        if size is None or size < 0:
            found, self._unread = self._unread + self._response.read(), b""
        elif self._unread:
            found, self._unread = self._unread[:size], self._unread[size:]
        else:
            found = self._response.read(size)
        return found

    def close(self) -> None:
        """Do nothing: who opened the response closes it."""
        self.closed = True


_ADVICE = {
    "field type conflict": "; it is another program's measurement of this name: give ledig a bucket of its own",
    "organization name": "; check the organisation in the settings",
    'bucket "': "; make that bucket, or name another in the settings",
}


def _advised(error: StoreError) -> StoreError:
    """Return the error with what to do about it, and as one that blames no reading where none is to blame."""
    said = str(error)
    for words, advice in _ADVICE.items():
        if words in said:
            advised = (StoreError if isinstance(error, RefusalError) else type(error))(said + advice)
            advised.retry_after = error.retry_after
            return advised
    return error


def _client(settings: InfluxSettings, timeout: float) -> InfluxDBClient:
    try:
        return InfluxDBClient(
            url=settings.url,
            token=settings.token,
            org=settings.org,
            timeout=(settings.connect_timeout * 1000, timeout * 1000),
            enable_gzip=settings.gzip,
        )
    except ValueError as error:
        raise StoreError(f"{settings.where} cannot be used: {error}") from None
