"""Whatever is wrong with a request is told by field, in both languages, and nothing is stored."""

import base64
import json
import struct
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from io import BytesIO

import pytest
from PIL import Image

from app.errors import Invalid
from app.pushes.conversion import received
from app.pushes.schemas import PushModel
from app.validation import parse_json
from tests.fixtures.api import Api
from tests.fixtures.wire import GONE, changed

PAST = "2020-01-01T00:00:00Z"
NOW = datetime(2026, 11, 21, tzinfo=UTC)
LATER = "2031-01-01T00:00:00Z"


def picture(form: str = "PNG", size: tuple[int, int] = (4, 4)) -> bytes:
    made = BytesIO()
    Image.new("RGB", size, "red").save(made, form)
    return made.getvalue()


def moving() -> bytes:
    made = BytesIO()
    frames = [Image.new("RGB", (4, 4), color) for color in ("red", "blue")]
    frames[0].save(made, "WEBP", save_all=True, append_images=frames[1:])
    return made.getvalue()


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it is 60,000 pixels square."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(100_000))
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def images(*data: bytes) -> list[dict[str, str]]:
    return [{"data": base64.b64encode(one).decode(), "alt": "图"} for one in data]


FIELDS = [
    # what is missing, unknown or of the wrong type
    ("/title", GONE, "/title", "missing"),
    ("/presentation/close", GONE, "/presentation/close", "missing"),
    ("/personalisation", GONE, "/personalisation", "missing"),
    ("/extra", 1, "/extra", "unknown_field"),
    ("/presentation/close/extra", 1, "/presentation/close/extra", "unknown_field"),
    ("/title", 7, "/title", "wrong_type"),
    ("/title", None, "/title", "wrong_type"),
    ("/images", {}, "/images", "wrong_type"),
    ("/presentation/close/taps", 1.5, "/presentation/close/taps", "wrong_type"),
    ("/presentation/close/taps", "1", "/presentation/close/taps", "wrong_type"),
    ("/presentation/close/present", 1, "/presentation/close/present", "wrong_type"),
    ("/link", "https://example.cn", "/link", "wrong_type"),
    # closed sets
    ("/kind", "spam", "/kind", "not_one_of"),
    ("/urgency", "NORMAL", "/urgency", "not_one_of"),
    ("/audience/kind", "all", "/audience/kind", "not_one_of"),
    # texts
    ("/title", "", "/title", "too_short"),
    ("/title", "字" * 101, "/title", "too_long"),
    ("/body", "字" * 501, "/body", "too_long"),
    ("/source/lead", "字" * 2001, "/source/lead", "too_long"),
    ("/title", "a\x00b", "/title", "nul_character"),
    ("/external_id", "a\nb", "/external_id", "control_character"),
    ("/external_id", "a" * 129, "/external_id", "too_long"),
    ("/replaces", "psh_1", "/replaces", "bad_push_id"),
    # numbers
    ("/presentation/frame/width_dp", -1, "/presentation/frame/width_dp", "out_of_range"),
    ("/presentation/body_size_dp", 10**30, "/presentation/body_size_dp", "out_of_range"),
    # times
    ("/expires_at", PAST, "/expires_at", "in_the_past"),
    ("/expires_at", "2030-01-01T00:00:00", "/expires_at", "no_time_zone"),
    ("/expires_at", "2030-02-30T00:00:00Z", "/expires_at", "bad_time"),
    ("/expires_at", "1700000000", "/expires_at", "bad_time"),
    ("/expires_at", 1700000000, "/expires_at", "wrong_type"),
    ("/expires_at", "9999-12-31T23:59:59-23:59", "/expires_at", "bad_time"),
    ("/expires_at", "２０３０-01-01T00:00:00Z", "/expires_at", "bad_time"),
    ("/not_before", LATER, "/not_before", "after_expiry"),
    # addresses
    ("/link/url", "/relative", "/link/url", "bad_url"),
    ("/link/url", "ftp://example.cn/", "/link/url", "bad_url"),
    ("/link/url", "javascript:alert(1)", "/link/url", "bad_url"),
    ("/link/url", "https://", "/link/url", "bad_url"),
    ("/link/url", "https://a..b/", "/link/url", "bad_url"),
    ("/link/url", "https://[::1/", "/link/url", "bad_url"),
    ("/link/url", "https://example.cn:99999/", "/link/url", "bad_url"),
    ("/link/url", "https://user:pw@example.cn/", "/link/url", "url_with_credentials"),
    ("/link/url", "https://example.cn/a b", "/link/url", "bad_url_character"),
    ("/link/url", "https://example.cn/\u202egnp", "/link/url", "bad_url_character"),
    ("/link/url", "https://example.cn\\@evil.cn/", "/link/url", "bad_url_character"),
    ("/presentation/close/opens_url", "x", "/presentation/close/opens_url", "bad_url"),
    # colours
    ("/presentation/close/color", "red", "/presentation/close/color", "bad_color"),
    ("/presentation/close/color", "#12345", "/presentation/close/color", "bad_color"),
    # the audience
    ("/audience/recipients", [], "/audience/recipients", "too_few"),
    ("/audience/recipients", ["r_1", "r_2", "r_1"], "/audience/recipients/2", "duplicate"),
    ("/audience/recipients", ["r_1", "张三"], "/audience/recipients/1", "bad_recipient"),
    ("/audience/recipients", ["r" * 65], "/audience/recipients/0", "bad_recipient"),
    ("/audience/recipients", [f"r{n}" for n in range(10_001)], "/audience/recipients", "too_many"),
    # pictures
    ("/images", images(*[picture()] * 4), "/images", "too_many"),
    ("/images", [{"data": "!!!!", "alt": ""}], "/images/0/data", "bad_base64"),
    ("/images", [{"data": "QUJD=", "alt": ""}], "/images/0/data", "bad_base64"),
    ("/images", images(b"GIF89a" + bytes(20)), "/images/0/data", "unsupported_image"),
    ("/images", images(b"<svg/>"), "/images/0/data", "unsupported_image"),
    ("/images", images(picture()[:45]), "/images/0/data", "broken_image"),
    ("/images", images(picture(), bomb()), "/images/1/data", "image_too_many_pixels"),
    ("/images", images(moving()), "/images/0/data", "animated_image"),
    ("/images", [{"data": "A" * 699_056, "alt": ""}], "/images/0/data", "too_long"),
]


@pytest.mark.parametrize(("field", "value", "pointer", "code"), FIELDS)
async def test_a_bad_field_is_found(field: str, value: object, pointer: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        await received(parse_json(PushModel, json.dumps(changed(field, value)).encode()), NOW)

    assert (pointer, code) in [(one.pointer, one.code) for one in caught.value.problems]


async def test_every_bad_field_is_named_in_both_languages_and_stores_nothing(api: Api) -> None:
    for number, (field, value, pointer, code) in enumerate(FIELDS):
        answer = await api.submit(changed(field, value) | {"surface": api.surface_id}, str(number))

        problem = answer.json()
        told = {error["pointer"]: error for error in problem["errors"]}
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["type"] == "urn:popgate:problem:invalid"
        assert told[pointer]["code"] == code
        assert any("\u4e00" <= sign <= "\u9fff" for sign in told[pointer]["message"]["zh"])
        assert not any("\u4e00" <= sign <= "\u9fff" for sign in told[pointer]["message"]["en"])
    assert (await api.http.get("/v1/pushes")).json()["items"] == []


async def test_an_unknown_surface_is_named(api: Api) -> None:
    answer = await api.submit(api.push(surface="srf_nowhere"))

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/surface"


@pytest.mark.parametrize("kind", ["file", "segment", "everyone"])
async def test_an_audience_not_yet_served_says_so(api: Api, kind: str) -> None:
    answer = await api.submit(api.push(audience={"kind": kind, "tags": ["茶"]}))

    assert answer.status_code == 501
    assert answer.json()["code"] == "not_implemented"
    assert answer.json()["errors"][0]["pointer"] == "/audience/kind"


async def post_raw(api: Api, body: bytes, **headers: str) -> tuple[int, dict[str, object]]:
    sent = {"Idempotency-Key": "raw", "Content-Type": "application/json"} | headers
    answer = await api.http.post("/v1/pushes", content=body, headers=sent)
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    ("body", "line", "column"),
    [(b"{", 1, 1), (b'{"a":\n  nope}', 2, 4), (b"\xff\xfe{}", 1, 1), (b"[" * 100_000, 1, 202)],
)
async def test_what_is_not_json_says_where(api: Api, body: bytes, line: int, column: int) -> None:
    status, problem = await post_raw(api, body)

    assert (status, problem["code"]) == (400, "malformed")
    assert (problem["line"], problem["column"]) == (line, column)


async def test_an_empty_body_is_malformed(api: Api) -> None:
    assert (await post_raw(api, b""))[0] == 400


async def test_half_a_character_is_named_by_field(api: Api) -> None:
    body = json.dumps(api.push(title="坏\ud800字")).encode()

    status, problem = await post_raw(api, body)

    assert status == 422
    assert problem["errors"][0]["pointer"] == "/title"  # type: ignore[index]
    assert problem["errors"][0]["code"] == "lone_surrogate"  # type: ignore[index]


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk", ""],
)
async def test_another_content_type_is_refused(api: Api, content_type: str) -> None:
    status, problem = await post_raw(api, b"{}", **{"Content-Type": content_type})

    assert (status, problem["code"]) == (415, "unsupported_media_type")


async def test_a_compressed_body_is_refused(api: Api) -> None:
    status, _ = await post_raw(api, zlib.compress(b"{}"), **{"Content-Encoding": "deflate"})

    assert status == 415


async def test_a_body_over_the_limit_is_refused_by_its_declared_length(api: Api) -> None:
    status, problem = await post_raw(api, b" " * (4 * 1024 * 1024 + 1))

    assert (status, problem["code"]) == (413, "too_large")


async def test_a_body_over_the_limit_is_refused_while_it_streams(api: Api) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b" " * 65_536

    answer = await api.http.post(
        "/v1/pushes",
        content=endless(),
        headers={"Idempotency-Key": "raw", "Content-Type": "application/json"},
    )

    assert answer.status_code == 413
    assert sent <= 4 * 1024 * 1024 / 65_536 + 1


@pytest.mark.parametrize("key", [None, "", "ключ", "a" * 256, "tab\there"])
async def test_the_idempotency_key_is_needed_and_printable(api: Api, key: str | None) -> None:
    headers = [] if key is None else [(b"Idempotency-Key", key.encode())]

    answer = await api.http.post("/v1/pushes", json=api.push(), headers=headers)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/headers/Idempotency-Key"


@pytest.mark.parametrize(
    "authorization", ["", "Basic eDp5", "Bearer", "Bearer pgk_wrong", "Bearer " + "x" * 10_000]
)
async def test_no_key_or_a_wrong_one_gets_nothing(api: Api, authorization: str) -> None:
    headers = {"Authorization": authorization, "Idempotency-Key": "raw"}

    answer = await api.http.post("/v1/pushes", json=api.push(), headers=headers)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["message"]["zh"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"limit": "0"}, "/query/limit"),
        ({"limit": "201"}, "/query/limit"),
        ({"limit": "ten"}, "/query/limit"),
        ({"cursor": "%%%"}, "/query/cursor"),
        ({"cursor": base64.urlsafe_b64encode(b"\0").decode()}, "/query/cursor"),
        ({"external_id": "a\x00"}, "/query/external_id"),
    ],
)
async def test_a_bad_query_is_named(api: Api, query: dict[str, str], pointer: str) -> None:
    answer = await api.http.get("/v1/pushes", params=query)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_the_answer_speaks_the_language_asked_for(api: Api) -> None:
    answer = await api.http.get("/v1/pushes/x", headers={"Accept-Language": "en-GB"})

    assert answer.json()["detail"] == "There is no such push"
    assert answer.json()["message"]["zh"] == "没有这条推送"
    assert answer.headers["content-language"] == "en"
