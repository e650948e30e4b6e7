"""Bodies made to break a parser, a database or the ledger: a problem with words, nothing stored."""

import contextlib
import copy
import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.db.metadata import metadata
from app.db.session import Tx
from tests.fixtures.api import Api
from tests.fixtures.wire import Body


async def rows(api: Api) -> dict[str, int]:
    """Count the rows of every table that a request could write to."""

    def count(tx: Tx) -> dict[str, int]:
        return {
            table.name: tx.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
            if not table.name.startswith("audit_")
        }

    return await api.services.db.read(count)


async def post(api: Api, body: bytes, path: str = "/v1/pushes", **headers: str) -> httpx.Response:
    usual = {"Content-Type": "application/json", "Idempotency-Key": uuid4().hex}
    return await api.http.post(path, content=body, headers=usual | headers)


def assert_told(answer: httpx.Response) -> None:
    """The answer is a refusal in problem details, each field's problem in both languages."""
    assert 400 <= answer.status_code < 500 or answer.status_code == 501, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["message"]["zh"]
    assert body["message"]["en"]
    for problem in body.get("errors", ()):
        assert problem["pointer"] == "" or problem["pointer"].startswith("/")
        assert problem["message"]["zh"]
        assert problem["message"]["en"]


def raw(api: Api, **changes: object) -> bytes:
    return json.dumps(api.push(**changes), ensure_ascii=False).encode()


PLAIN: dict[str, bytes] = {
    "nothing": b"",
    "blanks": b" " * (4 * 1024 * 1024),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "utf-16": "{}".encode("utf-16"),
    "broken utf-8": b'{"title":"\xff\xfe"}',
    "overlong utf-8": b'{"title":"\xc0\xaf"}',
    "surrogates as utf-8": b'{"title":"\xed\xa0\x80"}',
    "deep arrays": b"[" * 10_000,
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "deep extra field": b'{"audience":{"kind":"file","x":' + b"[" * 190 + b"]" * 190 + b"}}",
    "half a character, deep": b"[" * 900 + rb'"\ud800"' + b"]" * 900,
    "a huge number": b'{"title":' + b"9" * 100_000 + b"}",
    "a huge exponent": b'{"title":1e999999999}',
    "not a number": b'{"title":NaN}',
    "infinity": b'{"presentation":{"body_size_dp":Infinity}}',
    "two values": b"{}{}",
    "a comment": b"{/**/}",
    "single quotes": b"{'title':1}",
    "a string": b'"push"',
    "null": b"null",
}
for _depth in range(930, 996, 5):
    PLAIN[f"half a character, {_depth} deep"] = b"[" * _depth + rb'"\ud800"' + b"]" * _depth


@pytest.mark.parametrize("path", ["/v1/pushes", "/v1/checks", "/v1/pushes/batch"])
async def test_what_is_no_push_is_told_and_leaves_nothing(api: Api, path: str) -> None:
    before = await rows(api)
    for name, body in PLAIN.items():
        answer = await post(api, body, path)
        assert answer.status_code in {400, 413, 422, 501}, (name, answer.text)
        assert_told(answer)
    assert await rows(api) == before


async def test_of_two_equal_names_the_last_counts_for_everything(api: Api) -> None:
    # Rules, reviewer and recipient all get the canonical form: nobody sees the first.
    body = raw(api).replace(b'"title":', b'"title": "\xe8\x8d\x89\xe6\xa6\xb4", "title":', 1)
    once = await post(api, raw(api), "/v1/checks")
    twice = await post(api, body, "/v1/checks")
    assert twice.status_code == once.status_code == 200
    assert twice.json() == once.json()


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "identity, gzip"},
        {"Content-Type": "text/json"},
        {"Content-Type": "application/json; charset=gbk"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": ""},
        {"Content-Length": "9" * 5000},
        {"Idempotency-Key": "a" * 256},
        {"Idempotency-Key": "密钥"},
        {"Idempotency-Key": ""},
        {"Idempotency-Key": "a\tb"},
        {"Idempotency-Key": "a\r\nX-Injected: 1"},
        {"Idempotency-Key": "a\x00b"},
    ],
    ids=lambda headers: repr(headers)[:40],
)
async def test_headers_out_of_order_are_refused(api: Api, headers: dict[str, str]) -> None:
    before = await rows(api)
    sent = {name: value.encode() for name, value in headers.items()}
    usual = {"Content-Type": b"application/json", "Idempotency-Key": b"k"}
    answer = await api.http.post("/v1/pushes", content=raw(api), headers=usual | sent)  # type: ignore[arg-type]
    assert_told(answer)
    assert "x-injected" not in answer.headers
    assert await rows(api) == before


async def test_two_idempotency_keys_are_refused(api: Api) -> None:
    headers = [
        ("Content-Type", "application/json"),
        ("Idempotency-Key", "a"),
        ("Idempotency-Key", "b"),
    ]
    answer = await api.http.post("/v1/pushes", content=raw(api), headers=headers)
    assert_told(answer)


ODD_ADDRESSES = [
    "/v1/pushes/%00",
    "/v1/pushes/psh_%00",
    "/v1/pushes?external_id=%00",
    "/v1/pushes?cursor=%00",
    "/v1/pushes?cursor=" + "A" * 199,
    "/v1/pushes?cursor=%ED%A0%80",
    "/v1/pushes?limit=" + "9" * 5000,
    "/v1/pushes?limit=-1",
    "/v1/pushes?limit=1e3",
    "/v1/pushes/%F0%9F%92%A9",
    "/v1/pushes/psh_" + "a" * 5000,
    "/v1/assets/%00",
    "/v1/inbox/%00?surface=%00",
    "/v1/refusals/ref_%00",
    "/c/%00",
    "/c/rel_%00",
    "/demo/%00",
    "/c/" + "a" * 5000,
    "/demo/%F0%9F%92%A9",
    "/console/%00",
    "/console/sign-in?next=%00",
]


async def test_an_odd_address_is_a_refusal_on_both_databases(each_api: Api) -> None:
    for path in ODD_ADDRESSES:
        answer = await each_api.http.get(path)
        assert 400 <= answer.status_code < 500, (path, answer.status_code, answer.text)


HIDDEN = (
    *("\u200b", "\u200d", "\u2060", "\ufeff", "\u202e", "\u2066", "\u00ad", "\U000e0041"),
    *("\x07", "\x1b", "\u2028", "\u115f", "\u3164", "\ue000"),
)
TEXTS = (
    *("/title", "/body", "/external_id", "/topic", "/rehash_reason", "/source/unit"),
    *("/source/title", "/source/lead", "/source/author", "/source/editor", "/advertiser/name"),
    *("/advertiser/credit_code", "/advertiser/category", "/advertiser/approval_number"),
    *("/advertiser/evidence", "/presentation/provider_name", "/presentation/ad_label/text"),
    *("/personalisation/model", "/personalisation/consent_ref"),
)


async def test_a_character_that_nobody_sees_is_reported_or_refused_in_every_text(api: Api) -> None:
    silent = []
    for hidden in HIDDEN:
        for pointer in TEXTS:
            answer = await api.check(put(api.push(), pointer, f"茶{hidden}叶"))
            if answer.status_code == 422:
                told = answer.json()["errors"]
            else:
                found = answer.json()["decision"]["findings"]
                told = [one for one in found if one["topic"] == "evasion"]
            if pointer not in {one["pointer"] for one in told}:
                silent.append((pointer, ascii(hidden)))
    assert silent == []


def put(body: Body, pointer: str, value: object) -> Body:
    """Return the body with a value set at a pointer."""
    body = copy.deepcopy(body)
    place: Any = body
    *path, last = pointer.removeprefix("/").split("/")
    for step in path:
        place = place[step]
    place[last] = value
    return body


def pointers_of(value: object, prefix: str = "") -> list[str]:
    found = [prefix] if prefix else []
    if isinstance(value, dict):
        for name, inner in value.items():
            found += pointers_of(inner, f"{prefix}/{name}")
    return found


WILD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=80),
    st.text(alphabet=st.characters(categories=("Cc", "Cf", "Co", "Zl", "Zp", "Mn")), max_size=30),
    st.sampled_from(
        [
            "", "\x00", "javascript:alert(1)", "data:text/html,x", "https://a:b@c/",
            "https://[::1]/", "https://xn--/", "https://аpple.com/", "https://e.cn/%00", "//e.cn",
            "https://" + "a" * 3000, "https://例え.测试/", "https://e.cn:65536/", "https://e。cn/",
            "https://1/", "https://e.cn/\u202e", "2026-12-31T23:59:60Z",
            "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59",
            "0001-01-01T00:00:00+23:59", "2026-11-22T08:00:00", "2026-11-22T08:00:00+24:00",
            "2026-11-22T08:00:00+23:59", "2026-W01-1T00:00:00Z", "{{7*7}}", "%n%s", "' OR 1=1 --",
            "𝕬𝖉", "ﷺ" * 60, "a\u0300" * 60, "psh_" + "0" * 26, "srf_" + "z" * 26, "13812345678",
        ]
    ),
    st.lists(st.one_of(st.integers(), st.text(max_size=5), st.none()), max_size=4),
    st.dictionaries(st.text(max_size=8), st.integers(), max_size=3),
)  # fmt: skip


def spoiled(places: list[str]) -> list[list[tuple[str, object]]]:
    """Return the same 300 ways to spoil a push in every run."""
    collected: list[list[tuple[str, object]]] = []
    one = st.tuples(st.sampled_from(places), WILD)

    @settings(max_examples=300, database=None, derandomize=True, deadline=None)
    @given(st.lists(one, min_size=1, max_size=3))
    def collect(changes: list[tuple[str, object]]) -> None:
        collected.append(changes)

    collect()
    return collected


async def test_no_spoiled_push_is_a_500_or_leaves_a_trace(each_api: Api) -> None:
    base = each_api.push()
    ways = spoiled(pointers_of(base))
    before = await rows(each_api)
    answers = set()
    for changes in ways:
        body = base
        for pointer, value in changes:
            with contextlib.suppress(KeyError, TypeError, IndexError):
                body = put(body, pointer, value)
        answer = await post(each_api, json.dumps(body).encode(), "/v1/checks")
        answers.add(answer.status_code)
        if answer.status_code != 200:
            assert_told(answer)
    assert {200, 422} <= answers
    assert await rows(each_api) == before


@pytest.mark.parametrize("token", ["13812345678", "+8613812345678", "11010519491231002X", "a@b.cn"])
async def test_a_recipient_who_can_be_recognised_is_refused(api: Api, token: str) -> None:
    body = api.push(audience={"kind": "recipients", "recipients": ["r_1", token]})
    answer = await api.submit(body)
    assert answer.status_code == 422
    (problem,) = answer.json()["errors"]
    assert (problem["pointer"], problem["code"]) == ("/audience/recipients/1", "personal_data")


async def test_the_time_of_an_event_is_one_that_can_be_stored(each_api: Api) -> None:
    http = each_api.http
    del http.headers["Authorization"]
    answer = await http.post("/v1/recipients", json={"surface": each_api.surface_id})
    made = answer.json()
    item = "inb_" + "0" * 26
    statuses = {}
    for at in (
        *("9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2026-11-22T08:00:00"),
        *(1, 1e30, "1", None, True, "2026-11-22T08:00:00+08:00"),
    ):
        body = {
            "surface": each_api.surface_id,
            "events": [{"item": item, "event": "shown", "at": at}],
        }
        answer = await http.post(
            f"/v1/inbox/{made['recipient']}/events",
            json=body,
            headers={"Authorization": f"Bearer {made['device_secret']}"},
        )
        statuses[at] = answer.status_code
        if answer.status_code != 200:
            assert_told(answer)
    assert statuses.pop("2026-11-22T08:00:00+08:00") == 200
    assert set(statuses.values()) == {422}
