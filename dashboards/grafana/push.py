"""Bring dashboards to a running Grafana through its HTTP API: folder, data source, dashboards, each by its fixed uid.

Nothing is changed that is alike already, and nothing is deleted. What would change is told as a difference, line by
line, in a dry run too.
"""

import difflib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from grafana_client.api import GrafanaApi
from grafana_client.client import GrafanaClientError, GrafanaException, TokenAuth

from dashboards.grafana.goods import Change, Goods, PushError
from dashboards.grafana.infinity import LEAST_GRAFANA, PLUGIN, PLUGIN_VERSION
from dashboards.grafana.source import Json

FOLDER_UID = "ledig"
FOLDER_TITLE = "ledig"
_SECONDS = 15.0
_OWN = frozenset({"id", "version", "iteration", "gnetId", "revision"})
"""Keys that Grafana writes into a dashboard by itself."""
_HIDDEN = "secureJsonData"


class Grafana:
    """A running Grafana, asked with a service account's token."""

    def __init__(self, url: str, token: str) -> None:
        at = urlsplit(url)
        self._url = url
        self._api: Any = GrafanaApi(
            TokenAuth(token),
            host=at.hostname or "127.0.0.1",
            port=at.port,
            url_path_prefix=f"{at.path.strip('/')}/" if at.path.strip("/") else "",
            protocol=at.scheme,
            timeout=_SECONDS,
        )

    def close(self) -> None:
        """Let go of the connection."""
        self._api.client.s.close()

    def push(self, goods: Goods, *, dry: bool) -> Iterator[Change]:
        """Bring everything there that differs, and yield what was done, or would be.

        Raises:
            PushError: something is in the way; what was yielded is done.
        """
        try:
            self._check(goods)
            yield self._folder(dry=dry)
            if goods.source is not None:
                yield self._source(goods.source, dry=dry)
            for dashboard in goods.dashboards:
                yield self._dashboard(dashboard, dry=dry)
        except GrafanaException as error:
            raise PushError(self._said(error)) from error
        except (OSError, ValueError) as error:  # what its HTTP client raises is an OSError
            raise PushError(f"{self._url} does not answer like a Grafana: {error}") from error

    def _check(self, goods: Goods) -> None:
        """See that it is new enough, lets us in, and has the plugin."""
        health = self._api.client.GET("/health")  # its own health.check falls over what is no Grafana
        version = _version(health)
        if version is None:
            raise PushError(f"{self._url} is no Grafana: /api/health does not tell a version")
        least = LEAST_GRAFANA if goods.plugin else (11, 0)
        if version < least:
            shown, wanted = (".".join(map(str, found)) for found in (version, least))
            raise PushError(f"{self._url} is Grafana {shown}; these dashboards need {wanted} or later")
        self._api.organization.get_current_organization()  # a wrong token is told of here, before anything is written
        if goods.plugin and not self._has_plugin():
            raise PushError(
                f"{self._url} lacks the plugin {PLUGIN}: start Grafana with"
                f" GF_PLUGINS_PREINSTALL_SYNC={PLUGIN}@{PLUGIN_VERSION}, or install it with"
                f" `grafana cli plugins install {PLUGIN}`; or push the dashboards on InfluxDB, which need none"
            )

    def _has_plugin(self) -> bool:
        """Whether the plugin is there; a token that may not see plugins is believed to be right."""
        try:
            return any(plugin.get("id") == PLUGIN for plugin in self._api.plugin.list())
        except GrafanaClientError as error:
            if error.status_code == 403:
                return True
            raise

    def _folder(self, *, dry: bool) -> Change:
        what = f"folder {FOLDER_TITLE}"
        there = _found(lambda: self._api.folder.get_folder(FOLDER_UID))
        if there is not None:
            return Change(what, "same")
        if not dry:
            self._api.folder.create_folder(FOLDER_TITLE, FOLDER_UID)
        return Change(what, "create")

    def _source(self, source: Json, *, dry: bool) -> Change:
        what = f"data source {source['uid']}"
        there = _found(lambda: self._api.datasource.get_datasource_by_uid(source["uid"]))
        if there is None:
            if not dry:
                self._api.datasource.create_datasource(source)
            return Change(what, "create")
        wanted = {key: value for key, value in source.items() if key != _HIDDEN}
        lines = tuple(_difference(_within(there, wanted), wanted))
        if not lines and not source.get(_HIDDEN):
            return Change(what, "same")
        if not dry:
            self._api.datasource.update_datasource_by_uid(source["uid"], {**there, **source})
        # What a secret was cannot be read: it is written again, and told of.
        return Change(what, "update", lines or ("  its key is written again",))

    def _dashboard(self, dashboard: Json, *, dry: bool) -> Change:
        what = f"dashboard {dashboard['uid']}"
        there = _found(lambda: self._api.dashboard.get_dashboard(dashboard["uid"]))
        lines: tuple[str, ...] = ()
        if there is not None:
            before = {key: value for key, value in there["dashboard"].items() if key not in _OWN}
            lines = tuple(_difference(before, dashboard))
            if not lines and there.get("meta", {}).get("folderUid", FOLDER_UID) == FOLDER_UID:
                return Change(what, "same")
        if not dry:
            self._api.dashboard.update_dashboard(
                {
                    "dashboard": {**dashboard, "id": None},
                    "folderUid": FOLDER_UID,
                    "overwrite": True,
                    "message": "pushed by ledig",
                }
            )
        return Change(what, "create" if there is None else "update", lines)

    def _said(self, error: GrafanaException) -> str:
        if error.status_code == 401:
            return f"{self._url} does not take this token: make a service account's token with the role Admin"
        if error.status_code == 403:
            return f"{self._url}: the token may not do this ({error.message}); its service account needs the role Admin"
        return f"{self._url} refuses: {error.message}"


def _found(ask: Callable[[], Any]) -> Json | None:
    """Return what is there, None where nothing is."""
    try:
        found: Json = ask()
    except GrafanaClientError as error:
        if error.status_code == 404:
            return None
        raise
    return found


def _version(health: object) -> tuple[int, int] | None:
    text = str(health.get("version", "")) if isinstance(health, Mapping) else ""
    found = re.match(r"(\d+)\.(\d+)", text)
    return (int(found[1]), int(found[2])) if found else None


def _within(there: Json, wanted: Json) -> Json:
    """Return the part of what is there that we say something of."""
    return {
        key: _within(there[key], value) if isinstance(value, dict) and isinstance(there.get(key), dict) else there[key]
        for key, value in wanted.items()
        if key in there
    }


def _difference(before: Json, after: Json) -> Iterator[str]:
    old, new = (json.dumps(part, indent=1, sort_keys=True, ensure_ascii=False).splitlines() for part in (before, after))
    yield from (
        line for line in difflib.unified_diff(old, new, lineterm="", n=1) if not line.startswith(("---", "+++"))
    )
