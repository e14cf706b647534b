"""Whatever comes on a topic of a source, its format says something or nothing, and what it ignores leaves no trace."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.codecs import CodecError, Frame
from ingest.codecs.shelf import CODECS
from ingest.formats import Device, Format, Ignored, Observation, Status, nobody
from ingest.formats.families import OURS
from ingest.refusals import Refusal
from tests.conftest import MORE
from tests.ingest.formats.cases import Case, every_case, payload_of

CASES = list(every_case())
SECRET = "5ecret-of-somebody"
_WORDS = ("", "null", "NaN", "-1", "255", "unknown", SECRET, "\ud800", "0" * 400, "on", "offline")
HEADS = ("", "0175", "0300", "11", "20ce", "04c9", "06fe", "0ab3", "10e4")
"""What frames begin with."""
_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from(_WORDS),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.sampled_from(("state", "occupancy", "value", "devEui")), st.integers(), max_size=2),
)


@st.composite
def mutated(draw: st.DrawFn, payload: bytes) -> bytes:
    """Draw what may come in the place of a payload: cut, torn, or with other values in its fields."""
    kind = draw(st.sampled_from(("as it is", "cut", "torn", "fields", "deep", "bytes")))
    if kind == "cut":
        return payload[: draw(st.integers(0, len(payload)))]
    if kind == "torn":
        at = draw(st.integers(0, max(len(payload) - 1, 0)))
        return payload[:at] + draw(st.binary(max_size=4)) + payload[at + 1 :]
    if kind == "deep":
        return draw(st.sampled_from((b"[" * 5_000, b'{"a":' * 5_000, b"[" * 600 + b"]" * 600)))
    if kind == "bytes":
        return draw(st.binary(max_size=60))
    return _with_others(draw, payload) if kind == "fields" else payload


def _with_others(draw: st.DrawFn, payload: bytes) -> bytes:
    try:
        fields = json.loads(payload)
    except ValueError:
        return payload
    _change(draw, fields, 0)
    return json.dumps(fields).encode("utf-8", "surrogatepass")


def _change(draw: st.DrawFn, fields: Any, depth: int) -> None:
    keys = list(fields) if isinstance(fields, dict) else list(range(len(fields))) if isinstance(fields, list) else []
    for key in keys:
        if draw(st.integers(0, 3)) == 0:
            fields[key] = draw(_VALUES)
        elif depth < 4:
            _change(draw, fields[key], depth + 1)


def _form(case: Case) -> Format[Any]:
    family = OURS[case.family]
    return family.make(family.base, case.models)


@pytest.mark.parametrize("family", sorted(OURS))
@settings(max_examples=40 * MORE, deadline=None)
@given(data=st.data())
def test_no_message_raises_or_says_what_no_format_may(family: str, data: st.DataObject) -> None:
    case = data.draw(st.sampled_from([case for case in CASES if case.family == family]))
    form, known = _form(case), case.known()
    state = form.initial()
    for message in case.messages:
        payload = data.draw(mutated(payload_of(message, case.folder)))
        outcome, state = form.hear(
            message["topic"], payload, retained=data.draw(st.booleans()), state=state, known=known
        )
        assert isinstance(outcome, list | Ignored | Status | Refusal)
        for one in outcome if isinstance(outcome, list) else ():
            assert isinstance(one, Refusal | Observation)
            if isinstance(one, Observation):
                assert isinstance(one.address, Device)
                assert one.occupied in {True, False, None}
                assert one.people is None or one.people >= 0


@pytest.mark.parametrize("family", sorted(OURS))
@settings(max_examples=20 * MORE, deadline=None)
@given(data=st.data())
def test_topics_of_any_kind_do_no_harm(family: str, data: st.DataObject) -> None:
    case = next(case for case in CASES if case.family == family)
    form = _form(case)
    topic = data.draw(st.one_of(st.text(max_size=40), st.just("/" * 30), st.just(f"{OURS[family].base}/" + "a/" * 200)))
    outcome, _ = form.hear(topic, b'{"occupancy":true}', retained=False, state=form.initial(), known=nobody)
    assert isinstance(outcome, list | Ignored | Status | Refusal)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.family}-{case.folder.name}")
def test_what_is_ignored_leaves_no_trace(case: Case) -> None:
    form, known = _form(case), case.known()
    state = form.initial()
    for message in case.messages:
        if message["says"] != "ignored":
            continue
        payload = payload_of(message, case.folder)
        if payload[:1] == b"{":
            payload = payload[:-1] + f',"note":"{SECRET}"}}'.encode()
        outcome, state = form.hear(message["topic"], payload, retained=False, state=state, known=known)
        assert SECRET not in repr(outcome)
        assert SECRET not in repr(state)


@pytest.mark.parametrize("family", sorted(OURS))
def test_a_megabyte_is_told_by_its_length(family: str) -> None:
    case = next(case for case in CASES if case.family == family)
    form = _form(case)
    topic = case.messages[0]["topic"]
    large = b'{"a":"' + b"x" * 1_000_000 + b'"}'
    outcome, _ = form.hear(topic, large[: form.limit(topic) + 1], retained=False, state=form.initial(), known=nobody)
    assert isinstance(outcome, Ignored | Refusal)


@pytest.mark.parametrize("codec", sorted(CODECS))
@settings(max_examples=200 * MORE, deadline=None)
@given(
    data=st.binary(max_size=60),
    head=st.sampled_from(("", "0175", "0300", "11", "20ce", "04c9", "06fe", "0ab3", "10e4")),
)
def test_any_bytes_are_a_frame_or_none(codec: str, head: str, data: bytes) -> None:
    try:
        frame = CODECS[codec](bytes.fromhex(head) + data, 85)
    except CodecError:
        return
    assert isinstance(frame, Frame)
    assert all(isinstance(record["time"], int) for record in frame.history)
