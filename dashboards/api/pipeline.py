"""/v1/pipeline: the processes that take messages in, each by its own /metrics."""

import urllib3
from fastapi import APIRouter, Depends
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from dashboards.answers.answer import Answer
from dashboards.answers.pipeline import THIS, Process, find_messages, find_pipeline, is_ingest, read_counts
from dashboards.api.access import Access, MayOperate
from dashboards.api.building import Building
from dashboards.api.documents import answers
from dashboards.api.publishing import published
from dashboards.api.query import once

SOME_SITES = "what a process counts is of all sites, and for those who may operate all"
_SECONDS = 2.0
_LARGEST = 4 * 1024 * 1024


def pipeline_routes(building: Building, registry: CollectorRegistry) -> APIRouter:
    """Return /v1/pipeline and /v1/pipeline/messages."""
    router = APIRouter(prefix="/v1/pipeline", tags=["service"], dependencies=[Depends(once)])

    def processes(access: Access) -> list[Process]:
        if access.sites is not None:
            return [Process(THIS, {}, SOME_SITES)]
        own = Process(THIS, read_counts(registry.collect()))
        with urllib3.PoolManager(retries=False, timeout=_SECONDS) as pool:
            others = [_ask(pool, url) for url in building.settings.ingest_urls]
        return [own, *others] if is_ingest(own) or not others else others

    @router.get("", responses=answers("PIPELINE_COLUMNS"), response_model=None)
    @published
    def pipeline(access: MayOperate) -> Answer:
        """Tell how each process is doing that takes messages in, and how far behind the house is."""
        return find_pipeline(building.context, building.visible(access).values(), processes(access))

    @router.get("/messages", responses=answers("MESSAGE_COLUMNS"), response_model=None)
    @published
    def messages(access: MayOperate) -> Answer:
        """Tell what became of the messages: stored, duplicate, refused and why."""
        return find_messages(building.context, building.visible(access).values(), processes(access))

    return router


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
