"""Where the addresses of a push lead: its link, those in its words, and what its codes say."""

from collections.abc import Iterator
from functools import cache, lru_cache
from importlib import resources
from typing import Final

from app.domain.links import LinkFacts, LinkMark, LinkSign
from app.domain.pictures import PictureFacts
from app.domain.push import PushRequest
from app.domain.signals import Span
from app.inspection.addresses import Address, domain_of, is_web, read, shown_host
from app.inspection.lookalikes import imitated, mixes_scripts
from app.inspection.mentions import address_in, mentions
from app.inspection.nested import nested
from app.rules.links import DANGEROUS, belongs, declares_scheme

_LINK: Final = "/link/url"
_MARKET_SCHEMES_WORDS: Final = (
    "market itms itms-apps itms-appss appmarket mimarket oppomarket vivomarket samsungapps "
    "hiapplink store heytap flymestore lemarket ms-windows-store"
)
_MARKET_SCHEMES: Final = frozenset(_MARKET_SCHEMES_WORDS.split())
_MARKET_HOSTS: Final = (
    "apps.apple.com",
    "itunes.apple.com",
    "play.google.com",
    "appgallery.huawei.com",
    "app.mi.com",
    "a.app.qq.com",
    "sj.qq.com",
    "app.vivo.com.cn",
    "store.oppomobile.com",
)


def link_facts(
    request: PushRequest, declared: tuple[str, ...], pictures: tuple[PictureFacts, ...] = ()
) -> tuple[LinkFacts, ...]:
    """Return every address of a push, its link first; pure, and kept for addresses seen before.

    `declared` are the domains (and app schemes, `name://`) that its provider has declared.
    """
    found: list[LinkFacts] = []
    if request.link is not None:
        url = request.link.url
        found.append(_facts(_LINK, (0, len(url)), url, declared))
    for pointer, text in (("/title", request.title), ("/body", request.body)):
        found += [
            _facts(pointer, mention.span, mention.url, declared) for mention in mentions(text)
        ]
    for number, picture in enumerate(pictures):
        for place, code in enumerate(picture.codes or ()):
            url = address_in(code.text)
            if url:
                pointer = f"/images/{number}/codes/{place}"
                found.append(_facts(pointer, (0, len(code.text)), url, declared))
    return tuple(found)


@lru_cache(maxsize=8192)
def _is_declared(host: str, declared: tuple[str, ...]) -> bool:
    return belongs(host, declared)


@lru_cache(maxsize=8192)
def _facts(pointer: str, span: Span, url: str, declared: tuple[str, ...]) -> LinkFacts:
    address = read(url)
    named = address.host if is_web(address.scheme) else ""
    return LinkFacts(
        pointer=pointer,
        span=span,
        address=address.text,
        scheme=address.scheme,
        host=address.host,
        domain=domain_of(named),
        port=address.port,
        marks=tuple(_marks(address, url, span, declared)),
    )


def _marks(address: Address, url: str, span: Span, declared: tuple[str, ...]) -> Iterator[LinkMark]:
    if is_web(address.scheme):
        yield from _of_host(address, span, declared)
    elif address.scheme in _MARKET_SCHEMES and not declares_scheme(address.scheme, declared):
        yield LinkMark(LinkSign.APP_MARKET, span, address.scheme)
    for one in nested(url):
        if _leaves(one.address, declared):
            # In a text the whole address is marked: its own place in it may have been folded.
            inner = one.span if span == (0, len(url)) else span
            where = one.address.host if is_web(one.address.scheme) else f"{one.address.scheme}://"
            yield LinkMark(LinkSign.REDIRECT, inner, where, one.name)


def _of_host(address: Address, span: Span, declared: tuple[str, ...]) -> Iterator[LinkMark]:
    host = address.host
    if address.is_number:
        yield LinkMark(LinkSign.NO_NAME, span, host)
        return
    if _is_declared(host, declared):
        return
    if _is_declared(host, shorteners()):
        yield LinkMark(LinkSign.SHORT, span, host)
    if _is_declared(host, _MARKET_HOSTS):
        yield LinkMark(LinkSign.APP_MARKET, span, host)
    if "xn--" in host:
        mixed = mixes_scripts(host)
        sign = LinkSign.MIXED_SCRIPTS if mixed else LinkSign.INTERNATIONAL
        yield LinkMark(sign, span, shown_host(host))
    ours = imitated(host, declared)
    if ours is not None:
        yield LinkMark(LinkSign.LOOKALIKE, span, ours)


def _leaves(address: Address, declared: tuple[str, ...]) -> bool:
    if is_web(address.scheme):
        return bool(address.host) and not belongs(address.host, declared)
    return address.scheme in DANGEROUS or not declares_scheme(address.scheme, declared)


@cache
def shorteners() -> tuple[str, ...]:
    """Return the hosts of the shipped list of short-link services."""
    text = resources.files("app.inspection").joinpath("shorteners.txt").read_text("utf-8")
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))
