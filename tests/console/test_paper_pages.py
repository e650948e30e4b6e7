"""The pages of what is on file of providers, and of advertisers."""

from datetime import date
from typing import Any

from app.clock import beijing_day
from app.rules.working_days import due_after
from app.staff.roles import Role
from tests.console.test_register_pages import added, code
from tests.fixtures.console import Console, text_of

LATER = {"review_by": "2030-01-31"}
PAPERS: dict[str, dict[str, Any]] = {
    "policy": {"kind": "minors", "version": "1", "owner": "法务部"} | LATER,
    "algorithm": {"kind": "personalised_push", "models": "兴趣模型\n\n到货模型"}
    | {"number": "网信算备110108000000000000000号", "filed_on": "2026-01-05"}
    | LATER,
    "agreement": {"version": "2026", "effective_on": "2026-01-01", "states": ["form"]},
    "consent": {"reference": "notice-7", "purposes": ["advertising"], "fields": ""}
    | {"obtained_by": "单独询问", "valid_from": "2026-01-01", "valid_to": "2030-01-01"},
}
CHECKED = {
    "name": "示例药业有限公司",
    "address": "示例路",
    "contact": "010-0",
    "documents": "营业执照",
    "checked_on": "2026-01-01",
    "valid_to": "2030-01-01",
}


async def test_papers_are_filed_shown_and_revoked(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    provider = await added(admin)
    page = f"/console/providers/{provider}"
    empty = text_of((await admin.get(page)).text)
    assert "没有制度文件" in empty
    assert "信息内容审核、生态治理" in empty
    for sort, fields in PAPERS.items():
        made = await admin.post(f"{page}/papers/{sort}/new", **fields)
        assert made.status_code == 303, (sort, text_of(made.text))
    on_file = (await console.services.register.current()).on_file(provider)
    assert on_file.algorithms[0].models == ("兴趣模型", "到货模型")
    assert on_file.consents[0].reference == "notice-7"
    shown = text_of((await admin.get(page)).text)
    for words in ("法务部", "未公示", "notice-7", "到货模型"):
        assert words in shown
    register = await console.services.register.current()
    paper = next(one for one in register.papers if one.provider_id == provider)
    await admin.post(f"/console/papers/{paper.id}/revoke", reason="换新版")
    assert not (await console.services.register.current()).on_file(provider).policies


async def test_what_is_wrong_with_a_paper_stands_at_its_field(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    page = f"/console/providers/{await added(admin)}"
    await admin.post(f"{page}/papers/consent/new", **PAPERS["consent"])
    again = await admin.post(f"{page}/papers/consent/new", **PAPERS["consent"])
    assert again.status_code == 409
    bad = await admin.post(f"{page}/papers/algorithm/new", **PAPERS["algorithm"] | {"number": "1"})
    assert bad.status_code == 422
    assert "21 位数字" in text_of(bad.text)
    undated = await admin.post(f"{page}/papers/policy/new", **PAPERS["policy"] | {"review_by": "?"})
    assert "须为日期" in text_of(undated.text)
    strange = await admin.post(f"{page}/papers/policy/new", **PAPERS["policy"] | {"kind": "x"})
    assert strange.status_code == 422
    assert (await admin.get(f"{page}/papers/poetry/new")).status_code == 404


async def test_who_answers_for_a_provider_is_registered(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    page = f"/console/providers/{await added(admin)}"
    bad = await admin.post(f"{page}/responsibility", verified_until="soon")
    assert bad.status_code == 422
    fields = {"content_head": "周敏", "chief_editor": "林岚", "verified_until": "2030-01-31"}
    strange = await admin.post(f"{page}/responsibility", **fields, content_classes=["cooking"])
    assert strange.status_code == 422
    await admin.post(f"{page}/responsibility", **fields, content_classes=["finance"])
    assert "周敏" in text_of((await admin.follow()).text)
    assert "2030-01-31" in (await admin.get(f"{page}/responsibility")).text


async def test_an_advertiser_without_its_papers_is_refused(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    assert "尚未登记广告主" in text_of((await admin.get("/console/advertisers")).text)
    undated = await admin.post(
        "/console/advertisers/new", **CHECKED | {"valid_to": ""}, credit_code=code()
    )
    assert undated.status_code == 422
    wrong = await admin.post("/console/advertisers/new", **CHECKED, credit_code="1")
    assert "统一社会信用代码" in text_of(wrong.text)


async def test_an_advertiser_gets_an_approval_and_is_struck_off(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    made = await admin.post("/console/advertisers/new", **CHECKED, credit_code=code())
    page = made.headers["location"]
    assert "没有批准或资质" in text_of((await admin.follow()).text)
    approval = {"ad_class": "medicine", "number": "国药广审-1", "valid_to": "2027-01-01"}
    assert (await admin.post(f"{page}/approvals", **approval | {"valid_to": ""})).status_code == 422
    assert (await admin.post(f"{page}/approvals", **approval | {"number": ""})).status_code == 422
    await admin.post(f"{page}/approvals", **approval)
    assert "国药广审-1" in (await admin.follow()).text
    (one,) = (await console.services.register.current()).advertisers.values()
    await admin.post(f"/console/approvals/{one.approvals[0].id}/revoke", reason="注销")
    await admin.post(f"{page}/strike", reason="证照失效")
    assert "该广告主已除名" in text_of((await admin.follow()).text)
    assert (await admin.post(f"{page}/change", **CHECKED | {"name": ""})).status_code == 422
    assert (await admin.post(f"{page}/change", **CHECKED | {"valid_to": "x"})).status_code == 422
    await admin.post(f"{page}/change", **CHECKED | {"name": "示例药业股份有限公司"})
    found = await admin.get("/console/advertisers", q="股份")
    assert "示例药业股份有限公司" in text_of(found.text)
    assert "没有匹配的广告主" in text_of((await admin.get("/console/advertisers", q="zz")).text)
    assert (await admin.get("/console/advertisers/adv_none")).status_code == 404


async def test_deadlines_of_filings_are_worked_out_in_working_days(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    provider = await added(admin)
    page = f"/console/providers/{provider}"
    today = beijing_day(console.services.clock.now())
    plain = {"kind": "personalised_push", **LATER}
    filings: dict[str, dict[str, str]] = {
        "未备案模型": {"started_on": "2026-01-05"},
        "补备模型": {"started_on": "2025-09-24", "filed_on": "2025-10-15"},
        "如期模型": {"started_on": "2025-09-24", "filed_on": "2025-10-14"},
        "新模型": {"started_on": today.isoformat()},
        "停用模型": {"ended_on": today.isoformat()},
    }
    for model, days in filings.items():
        made = await admin.post(f"{page}/papers/algorithm/new", models=model, **plain, **days)
        assert made.status_code == 303, text_of(made.text)
    shown = text_of((await admin.get(page)).text)
    over = (today - date(2026, 1, 19)).days
    assert f"2026-01-05 上线，备案期限至 2026-01-19 逾期 {over} 天" in shown
    assert "2025-09-24 上线，备案期限至 2025-10-14 逾期后于 2025-10-15 办理" in shown
    assert "2025-09-24 上线，备案期限至 2025-10-14 按期办理" in shown
    due, end = due_after(today, 10), due_after(today, 20)
    left = f"{today} 上线，备案期限至 {due.day} 还有 {(due.day - today).days} 天"
    assert left + ("" if due.is_arranged else " 放假安排未知，仅扣除周末") in shown
    assert f"{today} 终止，注销期限至 {end.day}" in shown
    assert "有备案事项逾期未办" in shown
    english = text_of((await admin.get(page, lang="en")).text)
    assert f"In service since 2026-01-05, to be filed by 2026-01-19 {over} days overdue" in english


async def test_a_revoked_filing_has_no_deadline_any_more(console: Console) -> None:
    admin = await console.person(Role.ADMIN)
    provider = await added(admin)
    page = f"/console/providers/{provider}"
    fields = {"kind": "personalised_push", "models": "旧模型", "ended_on": "2026-01-05", **LATER}
    await admin.post(f"{page}/papers/algorithm/new", **fields)
    assert "有备案事项逾期未办" in (await admin.get(page)).text
    every = (await console.services.register.current()).papers
    [paper] = [one for one in every if one.provider_id == provider]
    await admin.post(f"/console/papers/{paper.id}/revoke", reason="已注销备案")
    assert "有备案事项逾期未办" not in (await admin.get(page)).text
