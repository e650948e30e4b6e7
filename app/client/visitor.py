"""Somebody at the console without a browser: reads pages, fills in their forms, keeps cookies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlencode

import httpx

_TIMEOUT: Final = httpx.Timeout(60.0, connect=5.0)

Values = Mapping[str, str | Sequence[str]]


@dataclass(slots=True)
class PageForm:
    """A form as it stands in a page: where it goes, and what it holds before anybody types.

    `choices` are the values of check boxes, radio buttons and options by name, ticked or not.
    """

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """A page as the console answered it."""

    status: int
    path: str
    forms: tuple[PageForm, ...]
    text: str = field(repr=False)

    def form(self, action_end: str) -> PageForm | None:
        """Return the first form whose address ends so."""
        return next((one for one in self.forms if one.action.endswith(action_end)), None)


class Visitor:
    """One person's visit; pages are read and forms sent just as a browser would send them."""

    def __init__(self, base_url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        """`transport` replaces the network in tests."""
        self._http = httpx.AsyncClient(
            base_url=base_url,
            timeout=_TIMEOUT,
            transport=transport,
            follow_redirects=True,
            headers={"Accept-Language": "zh-CN", "Sec-Fetch-Site": "same-origin"},
        )

    async def __aenter__(self) -> Self:
        """Use as a context manager, so that connections are closed."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def read(self, path: str) -> Page:
        """Open a page."""
        return _page(await self._http.get(path))

    async def send(self, form: PageForm, values: Values) -> Page:
        """Fill in a form and send it; the token and all hidden fields are those of the page."""
        body = urlencode({**form.fields, **values}, doseq=True)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return _page(await self._http.post(form.action, content=body, headers=headers))


def _page(answer: httpx.Response) -> Page:
    reader = _Reader()
    reader.feed(answer.text)
    return Page(answer.status_code, answer.url.path, tuple(reader.forms), answer.text)


class _Reader(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._open: PageForm | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = PageForm(given.get("action", ""))
            self.forms.append(self._open)
        elif self._open is not None and "disabled" not in given:
            self._take(self._open, tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None

    def _take(self, form: PageForm, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            form.choices.setdefault(self._select, []).append(given.get("value", ""))
        elif tag == "textarea" and name:
            form.fields[name] = ""
        elif tag == "input" and given.get("type") in {"checkbox", "radio"}:
            form.choices.setdefault(name, []).append(given.get("value", ""))
        elif tag == "input" and name:
            form.fields[name] = given.get("value", "")
