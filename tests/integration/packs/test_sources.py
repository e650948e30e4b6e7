"""Editions of the source list: importing, comparing, confirming, publishing by two, matching."""

import asyncio

import pytest

from app.domain.facts import DomainMatch
from app.domain.push import Source
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.packs.importing import parse_csv
from app.packs.sources import build_source_list, host_belongs, host_of
from tests.fixtures.gate import Gate


def source(unit: str, url: str | None) -> Source:
    return Source(unit, url, None, None, None, None, None)


def many(number: int) -> str:
    rows = [f"单位{n},地方,www.unit{n}.example.cn,unit,found" for n in range(number)]
    return "\n".join(["name,region,domain,entry_type,status", *rows]) + "\n"


async def test_two_thousand_rows_are_imported_published_and_matched(gate: Gate) -> None:
    packs = gate.services.packs
    draft = await packs.import_sources("stf_a", "2025-06", many(2000).encode(), "全量")
    assert (draft.edition.unit_count, len(draft.diff.added)) == (2000, 2000)
    await packs.publish(draft.edition.id, "stf_b")
    await gate.services.watch.refresh()
    listed = (await packs.active()).sources
    assert listed is not None
    found = listed.match(source("单位1999", "https://www.unit1999.example.cn/a"))
    assert (found.unit, found.domain) == ("单位1999", DomainMatch.MATCHES)
    page, total = await packs.search_units(draft.edition.id, "单位19", None, 10)
    assert (len(page), total) == (10, 111)


async def test_publishing_supersedes_and_the_diff_says_how(gate: Gate) -> None:
    packs = gate.services.packs
    await gate.publish_sources("name,domain\n甲报,a.cn\n乙报,b.cn\n", "1")
    csv = "name,domain\n甲报,aa.cn\n丙报,c.cn\n".encode()
    draft = await packs.import_sources("stf_a", "2", csv, "")
    assert [unit.name for unit in draft.diff.added] == ["丙报"]
    assert [unit.name for unit in draft.diff.removed] == ["乙报"]
    assert [(c.before.domains, c.after.domains) for c in draft.diff.changed] == [
        (("a.cn",), ("aa.cn",))
    ]
    await packs.publish(draft.edition.id, "stf_b")
    states = {edition.edition: edition.state for edition in await packs.editions()}
    assert states == {"1": "superseded", "2": "active"}
    with pytest.raises(Conflict):
        await packs.publish(draft.edition.id, "stf_b")
    with pytest.raises(Conflict):
        await packs.discard(draft.edition.id, "stf_b")
    with pytest.raises(NotFound):
        await packs.publish("src_none", "stf_b")


async def test_who_imported_cannot_publish_and_two_at_once_publish_once(gate: Gate) -> None:
    packs = gate.services.packs
    draft = await packs.import_sources("stf_a", "1", b"name\nX\n", "")
    with pytest.raises(Forbidden):
        await packs.publish(draft.edition.id, "stf_a")
    other = (await gate.process()).services.packs
    results = await asyncio.gather(
        *(one.publish(draft.edition.id, "stf_b") for _ in range(4) for one in (packs, other)),
        return_exceptions=True,
    )
    assert sum(not isinstance(result, BaseException) for result in results) == 1
    assert {type(result) for result in results if isinstance(result, BaseException)} == {Conflict}


async def test_an_unconfirmed_unit_matches_only_once_it_is_confirmed(gate: Gate) -> None:
    packs = gate.services.packs
    csv = "name,domain,status\n甲报,a.cn,not_confirmed\n乙报,b.cn,found\n".encode()
    draft = await packs.import_sources("stf_a", "1", csv, "")
    assert await packs.confirm_units(draft.edition.id, ["甲报", "乙报", "无"], "stf_a") == 1
    again = await packs.draft(draft.edition.id)
    assert again.edition.digest != draft.edition.digest
    await packs.publish(draft.edition.id, "stf_b")
    await gate.services.watch.refresh()
    listed = (await packs.active()).sources
    assert listed is not None
    assert listed.digest == again.edition.digest
    assert listed.match(source("甲报", None)).unit == "甲报"
    with pytest.raises(Conflict):
        await packs.confirm_units(draft.edition.id, ["甲报"], "stf_a")


@pytest.mark.parametrize(
    ("csv", "pointers"),
    [
        (b"", ["/file"]),
        (b"\xff\xfe", ["/file"]),
        (b"title\nx\n", ["/file"]),
        (b"name\n", ["/file"]),
        (b"name,status\nA,fragment\n", ["/file"]),
        ("name\n \n《》\n".encode(), ["/file/2/name", "/file/3/name"]),
        (("name\n" + "x" * 201).encode(), ["/file/2/name"]),
        (b"name,status\nA,maybe\n", ["/file/2/status"]),
        (
            b"name,domain\nA,a_b\nB,b.cn\nC,http://c\n",
            ["/file/2/domain", "/file/4/domain"],
        ),
        (b"name\nA\0B\n", ["/file/2/name"]),
        (b'name,region\nA,"x\ny"\n', ["/file/3/name"]),
        (b"name\n" + b"x" * 200_000, ["/file/1"]),
        (b"name\n" + b"x\n" * 5_000_000, ["/file"]),
    ],
)
def test_a_bad_file_names_its_lines(csv: bytes, pointers: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        parse_csv(csv)
    assert [problem.pointer for problem in refused.value.problems] == pointers


def test_at_most_twenty_bad_lines_are_named() -> None:
    with pytest.raises(Invalid) as refused:
        parse_csv(b"name\n" + b",\n" * 50)
    assert len(refused.value.problems) == 20


@pytest.mark.parametrize("label", ["", " ", "x" * 41, "a\0", "a\nb"])
async def test_an_edition_has_a_name(gate: Gate, label: str) -> None:
    with pytest.raises(Invalid):
        await gate.services.packs.import_sources("stf_a", label, b"name\nX\n", "")


def test_a_row_that_is_not_vouched_for_adds_no_domain() -> None:
    csv = "name,domain,status\n甲报,a.cn,found\n甲报,evil.cn,not_confirmed\n"
    (unit,) = parse_csv(csv.encode()).units
    assert (unit.domains, unit.status) == (("a.cn",), "listed")
    both = parse_csv("name,domain\n甲报,a.cn\n「甲报」,b.cn\n".encode())
    assert [unit.domains for unit in both.units] == [("a.cn", "b.cn")]
    assert both.left_out == {"repeated": 1}


@pytest.mark.parametrize(
    ("url", "belongs"),
    [
        ("https://www.people.com.cn/a", True),
        ("https://people.com.cn./a", True),
        ("http://politics.PEOPLE.com.cn/", True),
        ("https://evilpeople.com.cn/", False),
        ("https://people.com.cn.example/", False),
        ("https://people.com.cn.evil.cn/", False),
        ("https://people.com.cn@evil.cn/", False),
        ("https://evil.cn\\@people.com.cn/", False),
        ("https://evil.cn\t.people.com.cn/", False),
        ("https://com.cn/", False),
        ("ftp://people.com.cn/", False),
        ("https://people。com。cn/", False),
        ("https://[::1/", False),
        ("people.com.cn", False),
    ],
)
def test_a_source_lies_on_the_units_domain_by_whole_labels(url: str, *, belongs: bool) -> None:
    host = host_of(url)
    assert (host is not None and host_belongs(host, "www.people.com.cn")) is belongs


def test_a_shared_suffix_is_nobodys_domain() -> None:
    assert host_belongs("www.gov.cn", "www.gov.cn")
    assert not host_belongs("fake.gov.cn", "www.gov.cn")
    assert not host_belongs("fake.bj.cn", "bj.cn")


def test_aliases_lead_only_to_listed_units() -> None:
    units = parse_csv("name,domain\n新华通讯社,news.cn\n".encode()).units
    listed = build_source_list("1", units, {"新华社": "新华通讯社", "某社": "未列单位"})
    assert listed.match(source("“新华社”", "https://www.news.cn/")).by_alias
    assert listed.match(source("某社", None)).unit is None
    assert listed.edition.startswith("1@")


async def test_whoever_confirmed_a_unit_may_not_publish_it(gate: Gate) -> None:
    packs = gate.services.packs
    csv = "name,status\n甲报,not_confirmed\n".encode()
    draft = await packs.import_sources("stf_a", "1", csv, "")
    await packs.confirm_units(draft.edition.id, ["甲报"], "stf_b")
    for staff_id in ("stf_a", "stf_b"):
        with pytest.raises(Forbidden):
            await packs.publish(draft.edition.id, staff_id)
    await packs.publish(draft.edition.id, "stf_c")
