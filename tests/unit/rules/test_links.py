"""Domains of links, safe against look-alike suffixes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.links import belongs, host_form, target


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example\\@good.example/",
        "https://good.example/a b",
        "https://good.example/\u200b",
        "https://good.example/\u202e",
        "java\tscript:alert(1)",
        " https://good.example/",
        "https:///path",
        "https://[::1/",
    ],
)
def test_an_address_that_programs_may_read_differently_is_not_readable(url: str) -> None:
    assert not target(url).readable


@pytest.mark.parametrize(
    ("url", "scheme", "host"),
    [
        ("https://Good.Example./a", "https", "good.example"),
        ("HTTP://good.example:8080/", "http", "good.example"),
        ("app://item/1", "app", "item"),
        ("mailto:a@good.example", "mailto", ""),
        ("https://快讯.example/", "https", "xn--66t378g.example"),
        ("http://[::1]/", "http", "::1"),
    ],
)
def test_scheme_and_host_are_read_as_a_browser_reads_them(url: str, scheme: str, host: str) -> None:
    where = target(url)
    assert (where.scheme, where.host, where.readable) == (scheme, host, True)


def test_user_information_before_the_host_is_seen() -> None:
    where = target("https://good.example@evil.example/")
    assert (where.host, where.user_info) == ("evil.example", True)


@pytest.mark.parametrize(
    ("host", "domains", "under"),
    [
        ("good.example", ("good.example",), True),
        ("m.good.example", ("Good.Example.",), True),
        ("evilgood.example", ("good.example",), False),
        ("good.example.evil", ("good.example",), False),
        ("example", ("good.example",), False),
        ("good.example", ("", " "), False),
        ("good.example", (), False),
        ("m.xn--66t378g.example", ("快讯.example",), True),
    ],
)
def test_a_host_belongs_to_a_domain_label_by_label(
    host: str, domains: tuple[str, ...], under: bool
) -> None:
    assert belongs(host, domains) is under


def test_a_host_that_has_no_ascii_form_stays_as_it_is() -> None:
    assert host_form("快讯" * 40) == "快讯" * 40


@given(st.text())
def test_no_address_makes_the_reader_raise(url: str) -> None:
    where = target(url)
    assert where.readable or not where.readable
    belongs(where.host, (url, "good.example"))
