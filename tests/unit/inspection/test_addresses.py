"""Addresses are read as browsers read them: one canonical form for every way of writing one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.inspection.addresses import domain_of, has_known_suffix, read, shown_host


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("https://A.Example", "https://a.example"),
        ("HTTPS://a.example:443/x", "https://a.example/x"),
        ("http://a.example:80/", "http://a.example/"),
        ("https://a.example:/", "https://a.example/"),
        ("https://a.example:8443/", "https://a.example:8443/"),
        ("https:\\\\a.example\\b", "https://a.example/b"),
        ("https:a.example/b", "https://a.example/b"),
        ("https:////a.example/b", "https://a.example/b"),
        ("//a.example/b", "https://a.example/b"),
        ("a.example/b", "https://a.example/b"),
        ("https://user:pw@a.example/", "https://a.example/"),
        ("https://good.example\\@a.example/", "https://good.example/@a.example/"),
        ("https://%61.example/%7Ex/%2f", "https://a.example/~x/%2F"),
        ("https://a。example．/", "https://a.example/"),
        ("https://快讯.example/?q=1#f", "https://xn--66t378g.example/?q=1#f"),
        ("https://a.example/b/../c/./d/%2e%2e/e", "https://a.example/c/e"),
        ("https://a.example/b/..", "https://a.example/"),
        ("https://a.example/..", "https://a.example/"),
        (" ht\ntps://a.example\t/ ", "https://a.example/"),
        ("http://127.1/", "http://127.0.0.1/"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://0x7f.0x1/", "http://127.0.0.1/"),
        ("http://0x/", "http://0.0.0.0/"),
        ("http://0177.0.0.01/", "http://127.0.0.1/"),
        ("http://１２７.0.0.1/", "http://127.0.0.1/"),
        ("http://256.1.1.1/", "http://256.1.1.1/"),
        ("http://089.1.1.1/", "http://089.1.1.1/"),
        ("http://1.2.3.4.5/", "http://1.2.3.4.5/"),
        ("http://[2001:DB8::1]:81/", "http://[2001:db8::1]:81/"),
        ("http://[fe80::1%25eth0]/", "http://[fe80::1]/"),
        ("http://[zz]/", "http://zz/"),
        ("https://a.example:99999/", "https://[a.example:99999]/"),
        ("taobao://Item/1?a=2", "taobao://item/1?a=2"),
        ("weixin:dl", "weixin:dl"),
        ("app://user@host/x", "app://host/x"),
    ],
)
def test_an_address_has_one_canonical_form(written: str, canonical: str) -> None:
    assert read(written).text == canonical


def test_numbers_and_user_information_are_seen() -> None:
    assert read("http://0x7f000001/").is_number
    assert read("http://[::1]/").is_number
    assert not read("http://a.example/").is_number
    assert read("https://a@b.example/").user_info
    assert read("https://@b.example/").user_info
    assert not read("https://b.example/@").user_info


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("m.shop.com.cn", "shop.com.cn"),
        ("shop.com.cn", "shop.com.cn"),
        ("com.cn", ""),
        ("somebody.github.io", "somebody.github.io"),
        ("github.io", ""),
        ("a.b.example", "b.example"),
        ("localhost", ""),
        ("10.0.0.1", ""),
        ("::1", ""),
    ],
)
def test_the_registrable_domain_is_one_label_more_than_the_public_suffix(
    host: str, domain: str
) -> None:
    assert domain_of(host) == domain


def test_a_known_suffix_is_one_that_is_in_the_public_list() -> None:
    assert has_known_suffix("a.com")
    assert not has_known_suffix("a.example")
    assert not has_known_suffix("com")


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("xn--66t378g.example", "快讯.example"),
        ("xn--a\u00e9.example", "xn--a\u00e9.example"),
        ("a.example", "a.example"),
    ],
)
def test_a_host_is_shown_in_its_own_letters(host: str, shown: str) -> None:
    assert shown_host(host) == shown


@given(st.text())
def test_no_text_makes_the_reader_raise_and_reading_twice_changes_nothing(url: str) -> None:
    once = read(f"https://{url}")
    shown_host(once.host)
    domain_of(once.host)
    read(url)
