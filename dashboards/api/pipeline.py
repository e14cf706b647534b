"""/v1/pipeline: the processes that take messages in, each by its own /metrics."""

from fastapi import APIRouter, Depends
from prometheus_client import CollectorRegistry

from dashboards.answers.answer import Answer
from dashboards.answers.pipeline import THIS, Process, find_messages, find_pipeline, read_counts
from dashboards.api.access import Access, MayOperate
from dashboards.api.building import Building
from dashboards.api.documents import answers
from dashboards.api.publishing import published
from dashboards.api.query import once
from dashboards.processes import ask_processes

SOME_SITES = "what a process counts is of all sites, and for those who may operate all"


def pipeline_routes(building: Building, registry: CollectorRegistry) -> APIRouter:
    """Return /v1/pipeline and /v1/pipeline/messages."""
    router = APIRouter(prefix="/v1/pipeline", tags=["service"], dependencies=[Depends(once)])

    def processes(access: Access) -> list[Process]:
        if access.sites is not None:
            return [Process(THIS, {}, SOME_SITES)]
        return ask_processes(Process(THIS, read_counts(registry.collect())), building.settings.ingest_urls)

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
