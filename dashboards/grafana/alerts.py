"""Alert rules as code, in the form that Grafana reads from a file (provisioning), for each house.

A rule asks the API, at most combines two answers, and compares with a limit; what is unknown raises no alarm of its
own, except that too little is known. Rules speak for a group (a floor, a zone) where their rows do.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal, NamedTuple

from dashboards.grafana import infinity
from dashboards.grafana.ask import Ask, number, text
from dashboards.grafana.source import Json

FOLDER = "ledig"
EVERY = "1m"
_EXPRESSION = {"type": "__expr__", "uid": "__expr__"}
_ID = re.compile(r"[A-Za-z0-9_-]{1,18}")
_SECONDS = 600
"""How far back a rule's query may look; ours ask about now."""


class Limit(NamedTuple):
    """When a rule speaks: what it finds lies beyond a value for so long."""

    type: Literal["gt", "lt"]
    value: float
    lasting: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: one or two questions with one number each, what is made of them, and the limit."""

    slug: str
    title: str
    asks: tuple[Ask, ...]
    limit: Limit
    summary: str
    _: KW_ONLY
    formula: str = ""
    severity: Literal["warning", "critical"] = "warning"
    dashboard: str = "ledig-sensors"


def _above(value: float, lasting: str) -> Limit:
    return Limit("gt", value, lasting)


def _below(value: float, lasting: str) -> Limit:
    return Limit("lt", value, lasting)


def _asks(route: str, group: str, *values: str, **params: str) -> tuple[Ask, ...]:
    """Return a question for each value, which is of each group, or of each process where there is none."""
    key = text("group", "group") if group else text("process", "process")
    asked = {"group": group, **params} if group else params
    return tuple(Ask(route=route, params=asked, columns=(key, number(value, value)), picked=()) for value in values)


RULES: tuple[Rule, ...] = (
    Rule(
        "house-full",
        "The house is nearly full",
        _asks("status", "site", "occupied", "spaces"),
        _above(0.9, "5m"),
        "More than 90 % of all spaces are in use.",
        formula="$A / $B",
        dashboard="ledig-now",
    ),
    Rule(
        "zone-sold-out",
        "A zone has had no free desk for 15 minutes",
        _asks("status", "zone", "vacant", "unknown", kind="desk"),
        _below(1, "15m"),
        "No desk of {{ $labels.group }} is free, and none is unknown.",
        formula="$A + $B",
        dashboard="ledig-now",
    ),
    Rule(
        "sensors-silent",
        "Many sensors of a floor are silent",
        _asks("sensors/counts", "floor", "silent_share"),
        _above(0.25, "30m"),
        "More than a quarter of the sensors on floor {{ $labels.group }} said nothing for their silence limit.",
    ),
    Rule(
        "coverage-low",
        "Too little of a floor is known today",
        _asks("utilisation", "floor", "coverage", bucket="1d"),
        _below(0.8, "30m"),
        "Less than 80 % of today's open time on floor {{ $labels.group }} is known: figures of today are thin.",
    ),
)
PIPELINE: tuple[Rule, ...] = (
    Rule(
        "nothing-heard",
        "Nothing was heard from any sensor",
        _asks("/v1/pipeline", "", "heard_minutes"),
        _above(15, "5m"),
        "The newest reading of all houses came more than 15 minutes ago.",
        severity="critical",
    ),
    Rule(
        "lag",
        "What sensors say comes late",
        _asks("/v1/pipeline", "", "lag_seconds"),
        _above(60, "10m"),
        "Between event and receipt lies more than a minute, for half of the sensors.",
    ),
    Rule(
        "spool-growing",
        "The spool grows",
        _asks("/v1/pipeline", "", "spool_lag_seconds"),
        _above(300, "5m"),
        "Readings wait in the spool of {{ $labels.process }} for more than five minutes: the store takes none.",
        severity="critical",
    ),
    Rule(
        "not-storing",
        "Messages are not being stored",
        _asks("/v1/pipeline", "", "up"),
        _below(1, "5m"),
        "{{ $labels.process }} stores no messages; /readyz there says why.",
        severity="critical",
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
        "for": rule.limit.lasting,
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
    evaluator = {"type": rule.limit.type, "params": [rule.limit.value]}
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
