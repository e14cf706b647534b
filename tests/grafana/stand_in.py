"""A stand-in for Grafana: the part of its HTTP API that `ledig grafana push` speaks, as Grafana documents it.

It remembers what it is sent, and gives what it was sent with what Grafana adds. It is no Grafana: docs/grafana.md says
what that leaves untried.
"""

import http.server
import json
import threading
from types import TracebackType
from typing import Any, Self

TOKEN = "glsa_a-token-of-the-tests"


class StandIn:
    """A Grafana of a version, with plugins, empty at first. `log` lists what was written."""

    def __init__(
        self, version: str = "12.1.0", plugins: tuple[str, ...] = ("yesoreyeram-infinity-datasource",)
    ) -> None:
        self.version = version
        self.plugins = plugins
        self.may_list_plugins = True
        self.may_write = True
        self.folders: dict[str, dict[str, Any]] = {}
        self.sources: dict[str, dict[str, Any]] = {}
        self.dashboards: dict[str, dict[str, Any]] = {}
        self.log: list[str] = []
        handler = type("Handler", (_Handler,), {"stand": self})
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def get(self, path: str) -> tuple[int, Any]:
        """Answer a GET below /api."""
        kind, _, uid = path.rpartition("/")
        found: Any = None
        match kind:
            case "/folders":
                found = self.folders.get(uid)
            case "/datasources/uid":
                found = self._source(uid)
            case "/dashboards/uid":
                found = self.dashboards.get(uid)
            case "" if uid == "org":
                found = {"id": 1, "name": "Main Org."}
            case "" if uid == "plugins":
                if not self.may_list_plugins:
                    return 403, {"message": "Permissions needed: plugins:write"}
                found = [{"id": plugin, "type": "datasource"} for plugin in self.plugins]
        return (200, found) if found is not None else (404, {"message": "Not found"})

    def write(self, method: str, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Answer a POST or PUT below /api."""
        if not self.may_write:
            return 403, {"message": "You'll need additional permissions to perform this action."}
        self.log.append(f"{method} {path}")
        if (method, path) == ("POST", "/folders"):
            self.folders[body["uid"]] = body
        elif (method, path) in {("POST", "/datasources"), ("PUT", f"/datasources/uid/{body.get('uid')}")}:
            self.sources[body["uid"]] = {"id": len(self.sources) + 1, "version": 1, "readOnly": False, **body}
        elif (method, path) == ("POST", "/dashboards/db"):
            return self._keep(body)
        else:
            return 404, {"message": "Not found"}
        return 200, {}

    def _source(self, uid: str) -> dict[str, Any] | None:
        """Return a data source as it is shown: of its secrets only that they are there."""
        kept = self.sources.get(uid)
        if kept is None:
            return None
        shown = {key: value for key, value in kept.items() if key != "secureJsonData"}
        return {**shown, "secureJsonFields": dict.fromkeys(kept.get("secureJsonData", {}), True)}

    def _keep(self, body: dict[str, Any]) -> tuple[int, Any]:
        dashboard = body["dashboard"]
        if body["folderUid"] not in self.folders:
            return 400, {"message": "folder not found"}
        if dashboard["uid"] in self.dashboards and not body["overwrite"]:
            return 412, {"message": "The dashboard has been changed by someone else"}
        before = self.dashboards.get(dashboard["uid"], {"dashboard": {"version": 0}})
        own = {"id": 7, "version": before["dashboard"]["version"] + 1}
        meta = {"folderUid": body["folderUid"], "provisioned": False}
        self.dashboards[dashboard["uid"]] = {"dashboard": {**dashboard, **own}, "meta": meta}
        return 200, {"uid": dashboard["uid"], "status": "success", **own}


class _Handler(http.server.BaseHTTPRequestHandler):
    stand: StandIn
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.removeprefix("/api").partition("?")[0]
        if path == "/health":
            self._send(200, {"database": "ok", "version": self.stand.version})
        elif self._let_in():
            self._send(*self.stand.get(path))

    def do_POST(self) -> None:
        self._write()

    def do_PUT(self) -> None:
        self._write()

    def _write(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self._let_in():
            self._send(*self.stand.write(self.command, self.path.removeprefix("/api"), body))

    def _let_in(self) -> bool:
        allowed = self.headers["Authorization"] == f"Bearer {TOKEN}"
        if not allowed:
            self._send(401, {"message": "Invalid API key"})
        return allowed

    def _send(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Keep quiet."""
