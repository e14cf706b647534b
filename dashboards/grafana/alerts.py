"""Alert rules as code, in the form that Grafana reads from a file (provisioning), for each house.

A rule asks the API, at most combines two answers, and compares with a limit; what is unknown raises no alarm of its
own, except that too little is known. Rules speak for a group (a floor, a zone) where their rows do.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dashboards.grafana import infinity
from dashboards.grafana.ask import Ask, number, text
from dashboards.grafana.source import Json

FOLDER = "ledig"
EVERY = "1m"
_EXPRESSION = {"type": "__expr__", "uid": "__expr__"}
_ID = re.compile(r"[A-Za-z0-9_-]{1,18}")
_SECONDS = 600
"""How far back a rule's query may look; ours ask about now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: one or two questions with one number each, what is made of them, and the limit."""

    slug: str
    title: str
    asks: tuple[Ask, ...]
    above: bool
    limit: float
    lasting: str
    summary: str
    formula: str = ""
    severity: Literal["warning", "critical"] = "warning"
    dashboard: str = "ledig-now"


def _one(route: str, group: str, value: str, **params: str) -> Ask:
    name = "process" if route.startswith("/") else "group"
    asked = {"group": group, **params} if group else params
    return Ask(route=route, params=asked, columns=(text(name, name), number(value, value)), picked=())


RULES: tuple[Rule, ...] = (
    Rule(
        slug="house-full",
        title="The house is nearly full",
        asks=(_one("status", "site", "occupied"), _one("status", "site", "spaces")),
        formula="$A / $B",
        above=True,
        limit=0.9,
        lasting="5m",
        summary="More than 90 % of all spaces are in use.",
    ),
    Rule(
        slug="zone-sold-out",
        title="A zone has had no free desk for 15 minutes",
        asks=(_one("status", "zone", "vacant", kind="desk"), _one("status", "zone", "unknown", kind="desk")),
        formula="$A + $B",
        above=False,
        limit=1,
        lasting="15m",
        summary="No desk of {{ $labels.group }} is free, and none is unknown.",
    ),
    Rule(
        slug="sensors-silent",
        title="Many sensors of a floor are silent",
        asks=(_one("sensors/counts", "floor", "silent_share"),),
        above=True,
        limit=0.25,
        lasting="30m",
        summary="More than a quarter of the sensors on floor {{ $labels.group }} said nothing for their silence limit.",
        dashboard="ledig-sensors",
    ),
    Rule(
        slug="coverage-low",
        title="Too little of a floor is known today",
        asks=(_one("utilisation", "floor", "coverage", bucket="1d"),),
        above=False,
        limit=0.8,
        lasting="30m",
        summary="Less than 80 % of today's open time on floor {{ $labels.group }} is known: figures of today are thin.",
        dashboard="ledig-sensors",
    ),
)
PIPELINE: tuple[Rule, ...] = (
    Rule(
        slug="nothing-heard",
        title="Nothing was heard from any sensor",
        asks=(_one("/v1/pipeline", "", "heard_minutes"),),
        above=True,
        limit=15,
        lasting="5m",
        summary="The newest reading of all houses came more than 15 minutes ago.",
        severity="critical",
        dashboard="ledig-sensors",
    ),
    Rule(
        slug="lag",
        title="What sensors say comes late",
        asks=(_one("/v1/pipeline", "", "lag_seconds"),),
        above=True,
        limit=60,
        lasting="10m",
        summary="Between event and receipt lies more than a minute, for half of the sensors.",
        dashboard="ledig-sensors",
    ),
    Rule(
        slug="spool-growing",
        title="The spool grows",
        asks=(_one("/v1/pipeline", "", "spool_lag_seconds"),),
        above=True,
        limit=300,
        lasting="5m",
        summary="Readings wait in the spool of {{ $labels.process }} for more than five minutes: the store takes none.",
        severity="critical",
        dashboard="ledig-sensors",
    ),
    Rule(
        slug="not-storing",
        title="Messages are not being stored",
        asks=(_one("/v1/pipeline", "", "up"),),
        above=False,
        limit=1,
        lasting="5m",
        summary="{{ $labels.process }} stores no messages; /readyz there says why.",
        severity="critical",
        dashboard="ledig-sensors",
    ),
)
"""The rules that no house has for itself."""


def rule_groups(sites: Sequence[str]) -> Json:
    """Return the file of all rules."""
    groups = [_group(site, RULES) for site in sites] + [_group("", PIPELINE)]
    return {"apiVersion": 1, "groups": groups}


def _group(site: str, rules: Sequence[Rule]) -> Json:
    name = f"{site}: house" if site else "pipeline"
    return {
        "orgId": 1,
        "name": name,
        "folder": FOLDER,
        "interval": EVERY,
        "rules": [_rule(rule, site) for rule in rules],
    }


def rule_uid(slug: str, site: str) -> str:
    """Return the fixed uid of a rule; Grafana takes 40 characters of a few kinds."""
    if not site:
        return f"ledig-{slug}"
    short = site if _ID.fullmatch(site) else hashlib.sha256(site.encode()).hexdigest()[:16]
    return f"ledig-{short}-{slug}"


def _rule(rule: Rule, site: str) -> Json:
    steps = list(_steps(rule, site))
    labels = {"source": "ledig", "severity": rule.severity, **({"site": site} if site else {})}
    return {
        "uid": rule_uid(rule.slug, site),
        "title": f"{rule.title} ({site})" if site else rule.title,
        "condition": steps[-1]["refId"],
        "for": rule.lasting,
        "noDataState": "OK",
        "execErrState": "Error",
        "annotations": {"summary": rule.summary, "dashboard": f"/d/{rule.dashboard}"},
        "labels": labels,
        "isPaused": False,
        "data": steps,
    }


def _steps(rule: Rule, site: str) -> Iterator[Json]:
    """Yield the questions, the formula, and the comparison, each by the letter that the next refers to."""
    refs = iter("ABCD")
    ref = ""
    for ask in rule.asks:
        ref = next(refs)
        model = {"datasource": infinity.Infinity().reference, **infinity.query(ask, ref, site=site)}
        yield _step(ref, infinity.UID, model)
    if rule.formula:
        ref = next(refs)
        yield _step(ref, "__expr__", {"type": "math", "expression": rule.formula})
    evaluator = {"type": "gt" if rule.above else "lt", "params": [rule.limit]}
    yield _step(
        next(refs), "__expr__", {"type": "threshold", "expression": ref, "conditions": [{"evaluator": evaluator}]}
    )


def _step(ref: str, source: str, model: dict[str, Any]) -> Json:
    reference = {"datasource": _EXPRESSION} if source == "__expr__" else {}
    return {
        "refId": ref,
        "datasourceUid": source,
        "relativeTimeRange": {"from": _SECONDS, "to": 0},
        "model": {**reference, **model, "refId": ref},
    }
