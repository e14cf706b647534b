"""Answers worked out in this process from a store, as `ledig api` works them out beside whoever ingests."""

from collections.abc import Callable, Collection, Mapping

from dashboards.answers.answer import Answer, disclosed
from dashboards.answers.context import Context
from dashboards.answers.errors import AnswerError
from dashboards.answers.pipeline import THIS, Process, find_messages, find_pipeline
from dashboards.answers.questions import find_answer, read_question
from dashboards.grafana.ask import Ask
from dashboards.processes import ask_processes
from ledig.asking import Answered, RefusedError, Round
from ledig.looking import limits_of
from ledig.settings import Settings
from spaces.site import Site
from spaces.times import Millis
from store.fingerprints import Counting
from store.live import LiveStates
from store.protocol import Store
from store.rollups import RollupFiles

_OF_NO_SITE: Mapping[str, Callable[[Context, Collection[Site], Collection[Process]], Answer]] = {
    "/v1/pipeline": find_pipeline,
    "/v1/pipeline/messages": find_messages,
}


class StoreAnswers:
    """What a store holds of sites, at one moment; the store is not ours to close."""

    def __init__(self, settings: Settings, store: Store, sites: Mapping[str, Site], moment: Millis) -> None:
        """Look at what is in force.

        Raises:
            StoreError: the store cannot be read.
        """
        self._sites = sites
        self._ingest_urls = settings.ingest_urls
        # A store that does not count would have its readings read to see whether a roll-up of them holds.
        rollups = RollupFiles(settings.rollup_folder()) if isinstance(store, Counting) else None
        self._context = Context.over(
            store, LiveStates(store, lambda: moment), lambda: moment, limits_of(settings), rollups
        )

    def begin(self) -> Round:
        """Return the moment and the sites."""
        return Round(self._context.now(), list(self._sites))

    def ask(self, site: str, ask: Ask, start: Millis | None) -> Answered:
        """Return an answer.

        Raises:
            RefusedError: there is none to this question.
            StoreError: the store cannot be read.
        """
        try:
            answer = self._find(site, ask, start)
            return Answered(answer.now, list(disclosed(answer)))
        except AnswerError as error:
            raise RefusedError(f"{ask.figure} of {site}: {error.detail}") from error

    def _find(self, site: str, ask: Ask, start: Millis | None) -> Answer:
        if find := _OF_NO_SITE.get(ask.route):
            processes = ask_processes(Process(THIS, {}), self._ingest_urls)
            return find(self._context, self._sites.values(), processes)
        return find_answer(self._context, self._sites[site], read_question(ask.route, ask.params, start))
