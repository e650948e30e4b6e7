"""What is worked out of the addresses of a push, and that it costs next to nothing."""

import base64
from dataclasses import replace
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.links import LinkSign
from app.domain.push import Link, LinkTarget
from app.inspection.links import link_facts, shorteners
from app.inspection.lookalikes import imitated, mixes_scripts
from app.inspection.mentions import mentions
from app.inspection.nested import nested
from tests.fixtures.facts import facts_of

OURS = ("kuaixun.example", "bank.com.cn", "jd.com", "com.cn", "shop://")


def hosts(url: str) -> list[tuple[str, str]]:
    return [(one.name, one.address.host) for one in nested(url)]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://a.example/go?url=https://b.example/c", [("url", "b.example")]),
        ("https://a.example/go?x=%2F%2Fb.example", [("x", "b.example")]),
        ("https://a.example/go?x=\\\\b.example", [("x", "b.example")]),
        ("https://a.example/go?next=b.com", [("next", "b.com")]),
        ("https://a.example/go?Redirect-URI=b.com:80/x", [("Redirect-URI", "b.com")]),
        ("https://a.example/go?title=b.com", []),
        ("https://a.example/go?next=/local/path", []),
        ("https://a.example/go?next=index.html", []),
        ("https://a.example/go;u=https://b.example", [("", "b.example")]),
        ("https://a.example/#/page?to=https://b.example", [("to", "b.example")]),
        ("https://a.example/?https://b.example", [("", "b.example")]),
        ("https://a.example", []),
        ("https://a.example/go?d=%7B%22u%22%3A%22https%3A%2F%2Fb.example%22%7D",
         [("d", "b.example")]),
        ("https://a.example/?u=https://b.example/?u=https://c.example",
         [("u", "b.example"), ("u", "c.example")]),
        ("https://a.example/?c=" + base64.urlsafe_b64encode(b"https://b.example/?>").decode(),
         [("c", "b.example")]),
        ("https://a.example/?c=" + base64.b64encode(b"no address in here").decode(), []),
        ("https://a.example/?c=////////////////=", []),
        ("https://a.example/?c=aaaaaaaaaaaaa", []),
        ("https://a.example/?" + "&".join(f"a{n}=1" for n in range(80)) + "&u=//b.example", []),
    ],
)  # fmt: skip
def test_addresses_inside_an_address_are_found(url: str, found: list[tuple[str, str]]) -> None:
    assert hosts(url) == found


@pytest.mark.parametrize(
    ("host", "like"),
    [
        ("kuaixun.example", None),
        ("m.kuaixun.example", None),
        ("kuaixum.example", "kuaixun.example"),
        ("kauixun.example", "kuaixun.example"),
        ("kua1xun.example", "kuaixun.example"),
        ("kuaixun-login.example", "kuaixun.example"),
        ("mykuaixun.net", "kuaixun.example"),
        ("kuaixun.example.evil.com", "kuaixun.example"),
        ("www.jd.com.evil.com", "jd.com"),
        ("jd-login.com", "jd.com"),
        ("jdx.com", None),
        ("bank.com", "bank.com.cn"),
        ("weather.example", None),
        ("10.0.0.1", None),
    ],
)
def test_a_name_that_may_be_taken_for_a_declared_one_is_named(host: str, like: str | None) -> None:
    assert imitated(host, OURS) == like


@pytest.mark.parametrize(
    ("host", "mixed"),
    [
        ("a.example", False),
        ("xn--66t378g.example", False),
        ("xn--kuixun-4nf.example", True),
    ],
)
def test_letters_of_two_alphabets_in_one_label_are_seen(host: str, *, mixed: bool) -> None:
    assert mixes_scripts(host) is mixed


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("没有网址的一句话。", []),
        ("增长3.5%，U.S.股市，e.g. a.m. No.1", []),
        ("详见www.shop.com/abc。", ["www.shop.com/abc"]),
        ("详见(https://shop.example/a?b=1)。", ["https://shop.example/a?b=1"]),
        ("https://快讯.example/a 打开", ["https://快讯.example/a"]),
        ("两个：a.com、b.cn", ["a.com", "b.cn"]),
        ("写信给 me@shop.com", []),
        ("ｗｗｗ．ｓｈｏｐ．ｃｏｍ／ａ", ["ｗｗｗ．ｓｈｏｐ．ｃｏｍ／ａ"]),
        ("打开shop。com", ["shop。com"]),
        ("打开shop｡com", ["shop｡com"]),
        ("GDP。Apple发布", []),
        ("附件main.py", []),
        ("版本1.2.3", []),
        ("shop.example", []),
    ],
)
def test_addresses_in_words_are_found_where_they_stand(text: str, found: list[str]) -> None:
    assert [text[slice(*one.span)] for one in mentions(text)] == found


def test_the_link_comes_first_and_then_the_words() -> None:
    push = replace(
        facts_of("news").push,
        title="登录shop.com",
        body="打开 itms-apps://x 或 shop://a",
        link=Link("https://kuaixun.example/?u=https://kuaixun.example/b", LinkTarget.IN_APP),
    )
    found = link_facts(push, OURS)
    assert [(one.pointer, one.scheme) for one in found] == [
        ("/link/url", "https"), ("/title", "https"), ("/body", "itms-apps"), ("/body", "shop"),
    ]  # fmt: skip
    assert [[mark.sign for mark in one.marks] for one in found] == [
        [], [], [LinkSign.APP_MARKET], [],
    ]  # fmt: skip


def test_the_list_of_short_links_holds_hosts_alone() -> None:
    assert len(shorteners()) == len(set(shorteners()))
    assert all(host == host.lower() and "." in host for host in shorteners())


@given(st.text(), st.text())
def test_no_text_makes_it_raise_and_spans_lie_in_the_text(url: str, body: str) -> None:
    push = replace(facts_of("news").push, body=body, link=Link(url, LinkTarget.BROWSER))
    for one in link_facts(push, OURS):
        text = {"/link/url": url, "/body": body, "/title": push.title}[one.pointer]
        assert 0 <= one.span[0] < one.span[1] <= len(text) or (one.span == (0, 0) and not text)


@pytest.mark.parametrize(
    "hostile",
    [
        "a." * 5_000,
        "https://" * 1_200,
        "https://a.example/?" + "u=https%3A%2F%2F" * 600,
        "https://a.example/?u=" + "%25" * 3_000,
        "。a" * 5_000,
        "a-" * 5_000,
    ],
)
def test_hostile_texts_take_no_more_than_linear_time(hostile: str) -> None:
    push = replace(
        facts_of("news").push, body=hostile, link=Link(hostile[:2048], LinkTarget.BROWSER)
    )
    start = process_time()
    link_facts(push, OURS)
    assert process_time() - start < 0.2
