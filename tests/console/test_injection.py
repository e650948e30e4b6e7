"""Text that somebody else wrote never becomes an element, an attribute or an instruction."""

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from string import Formatter

import pytest

from app.console.router import PAGES
from app.console.routing import Page
from app.packs.service import Packs
from app.providers.enrolment import NewProvider
from app.staff.roles import Role
from app.staff.service import NewStaff
from tests.fixtures.api import ADMIN
from tests.fixtures.console import SYSTEM, Console
from tests.fixtures.console_sample import one_of_everything
from tests.fixtures.desk import release
from tests.fixtures.registers import credit_code

# Breaks out of text, of either kind of quotes, of a script, of a comment and of a template.
TRAP = "\"'><xtrap onxtrap=1>--></script>{{7*7}}{%xtrap%}${7*7}"
COMPUTED = re.compile(r"xtrap[^<]{0,20}49")


class Trapped(HTMLParser):
    """Finds elements and attributes that came out of data, and links that run code."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if "xtrap" in tag:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if "xtrap" in name or name.startswith("on"):
                self.found.append(f"{tag} {name}")
            scheme = (value or "").strip().lower().partition(":")[0]
            if name in {"href", "src", "action", "formaction"} and scheme in {
                "javascript",
                "data",
                "vbscript",
            }:
                self.found.append(f"{tag} {name}={scheme}:")

    def handle_comment(self, data: str) -> None:
        if "xtrap" in data:
            self.found.append("comment")

    def handle_decl(self, decl: str) -> None:
        if "xtrap" in decl:
            self.found.append("declaration")


def trapped(html: str) -> list[str]:
    """Return what data became on a page."""
    parser = Trapped()
    parser.feed(html)
    parser.close()
    if COMPUTED.search(html) or "xtrap 49" in html:
        parser.found.append("computed")
    return parser.found


def test_the_trap_springs_where_nothing_is_escaped() -> None:
    assert {"<xtrap>", "xtrap onxtrap"} <= set(trapped(f'<p title="{TRAP}">{TRAP}</p>'))
    assert "a href=javascript:" in trapped('<a href=" JavaScript:x">')


def addresses(pages: Iterable[Page], ids: dict[str, str]) -> list[str]:
    """Return the address of every page that is read, for the ids given."""
    found = []
    for page in pages:
        names = [name for _, name, _, _ in Formatter().parse(page.path) if name]
        if page.method == "GET":
            path = page.path.replace(":path", "")
            found.append(path.format(**{name: ids.get(name, "nothing") for name in names}))
    return found


def hostile(api_push: dict[str, object]) -> dict[str, object]:
    """Return the push with the trap in every text that a sender may write."""
    body = dict(api_push)
    source = dict.fromkeys(("unit", "title", "lead", "author", "editor"), TRAP) | {
        "url": "https://www.news.cn/?q=%22%3E%3Cxtrap%3E",
        "published_at": None,
    }
    advertiser = dict.fromkeys(("name", "category", "approval_number", "evidence"), TRAP) | {
        "credit_code": TRAP[:40]
    }
    chosen = {"used": True, "model": TRAP, "fields": [TRAP], "tags": [TRAP], "consent_ref": TRAP}
    presentation = dict(body["presentation"])  # type: ignore[call-overload]
    presentation["provider_name"] = TRAP
    presentation["ad_label"] = presentation["ad_label"] | {"text": TRAP[:20]}
    return body | {
        "external_id": TRAP,
        "title": TRAP,
        "body": TRAP,
        "topic": TRAP,
        "rehash_reason": TRAP,
        "source": source,
        "advertiser": advertiser,
        "personalisation": chosen,
        "presentation": presentation,
        "link": {"url": "https://shop.example.cn/?\"'><xtrap>", "opens": "browser"},
    }


async def test_no_page_of_the_console_takes_data_for_html(console: Console) -> None:
    ids = await one_of_everything(console)
    api, services = console.api, console.services
    answer = await api.submit(hostile(api.push()))
    assert answer.status_code == 201, answer.text
    dossier = await services.views.dossier(answer.json()["id"])
    ids |= {"push_id": dossier.push.id, "ticket_id": dossier.ticket_id or ids["ticket_id"]}
    await services.enrolment.add_provider(
        ADMIN, NewProvider(TRAP, TRAP, credit_code(), ("trap.example.cn",))
    )
    await services.staff.add(SYSTEM, NewStaff("trap", TRAP, frozenset({Role.REVIEWER})))
    await _trap_sources(services.packs, ids["staff_id"])
    await services.policies.engage(ids["staff_id"], "topic", TRAP, TRAP, TRAP)
    everyone = await console.person(*Role)
    seen = 0
    for path in addresses(PAGES, ids):
        for query in ("", f"?words={TRAP}&next={TRAP}&number={TRAP}&topic={TRAP}&lang=en"):
            page = await everyone.http.get(path + query.replace("#", "%23"))
            seen += "xtrap" in page.text
            assert trapped(page.text) == [], path
            assert page.status_code < 500, path
    # The trap was shown, escaped, on many of them: the test looked at something.
    assert seen > 10


async def _trap_sources(packs: Packs, staff_id: str) -> None:
    name = TRAP.replace('"', '""')
    csv = f'name,category,region,domain,status\n"{name}","{name}",,news.cn,\n'
    await packs.import_sources(staff_id, "xtrap", csv.encode(), TRAP)


async def test_no_public_page_takes_data_for_html(console_without_undo: Console) -> None:
    console = console_without_undo
    release_id, _ = await release(console, title=TRAP, body=TRAP)
    stranger = console.stranger()
    form = await stranger.get(f"/c/{release_id}")
    assert "xtrap" in form.text
    refused = await stranger.http.post(
        f"/c/{release_id}", data={"reason": TRAP, "text": TRAP}, params={"lang": TRAP}
    )
    filed = await stranger.http.post(
        f"/c/{release_id}", data={"reason": "not_closable", "text": TRAP}
    )
    assert filed.status_code == 201
    lead = await console.person(Role.LEAD)
    listed = await lead.get("/console/complaints")
    for page in (form, refused, filed, listed, await stranger.get(f"/c/{TRAP}")):
        assert trapped(page.text) == []


@pytest.mark.parametrize("where", ["username", "next"])
async def test_the_sign_in_form_gives_back_what_was_typed_as_text(
    console: Console, where: str
) -> None:
    stranger = console.stranger()
    page = await stranger.post(
        "/console/sign-in", **({"username": "x", "password": "y"} | {where: TRAP})
    )
    assert trapped(page.text) == []
