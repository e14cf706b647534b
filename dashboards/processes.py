"""The processes that take messages in, each asked for its own /metrics."""

from collections.abc import Iterable

import urllib3
from prometheus_client.parser import text_string_to_metric_families

from dashboards.answers.pipeline import Process, is_ingest, read_counts

_SECONDS = 2.0
_LARGEST = 4 * 1024 * 1024


def ask_processes(own: Process, urls: Iterable[str]) -> list[Process]:
    """Return the processes to tell of: those at some addresses, and our own if it takes messages in, or is alone."""
    with urllib3.PoolManager(retries=False, timeout=_SECONDS) as pool:
        others = [_ask(pool, url) for url in urls]
    return [own, *others] if is_ingest(own) or not others else others


def _ask(pool: urllib3.PoolManager, url: str) -> Process:
    """Ask another process; one that does not answer is told of, and holds up nobody for long."""
    try:
        answer = pool.request("GET", f"{url}/metrics", preload_content=False)
        text = answer.read(_LARGEST).decode("utf-8", "replace")
        answer.release_conn()
        if answer.status != 200:
            return Process(url, {}, f"answers {answer.status}")
        return Process(url, read_counts(text_string_to_metric_families(text)))
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        return Process(url, {}, f"does not answer: {type(error).__name__}")
