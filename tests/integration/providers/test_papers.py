"""What is on file about providers, and the advertisers, as rules see it."""

from dataclasses import replace
from datetime import date

import pytest

from app.domain.registers import (
    AdClass,
    AdvertiserFacts,
    Agreement,
    AgreementItem,
    AlgorithmFiling,
    AlgorithmKind,
    Approval,
    ConsentBasis,
    ConsentPurpose,
    ContentClass,
    OnFile,
    Paper,
    PolicyDocument,
    PolicyKind,
)
from app.errors import Conflict, Invalid, NotFound
from app.providers.advertisers import AdvertiserDetails, NewApproval
from app.providers.enrolment import ProviderChange
from app.providers.papers import Responsibility
from tests.fixtures.database import Ledger
from tests.fixtures.registers import ADMIN, Registers, credit_code

POLICY = PolicyDocument(PolicyKind.MINORS, "2.1", "内容安全部", date(2027, 6, 30))
FILING = AlgorithmFiling(
    AlgorithmKind.PERSONALISED_PUSH,
    ("兴趣模型 3", "到货提醒模型"),
    "网信算备110108000000000000000号",
    date(2026, 3, 1),
    None,
    date(2027, 3, 1),
    "https://example.cn/algorithm",
)
AGREEMENT = Agreement("2026-2", date(2026, 2, 1), tuple(AgreementItem), "https://example.cn/terms")
CONSENT = ConsentBasis(
    "notice-2026-1",
    (ConsentPurpose.ADVERTISING, ConsentPurpose.PERSONALISATION),
    ("收藏", "城市"),
    "首次打开时单独弹窗，默认不勾选",
    date(2026, 1, 1),
    date(2027, 12, 31),
)
DETAILS = AdvertiserDetails(
    "山前药业有限公司", "示例市示例路 1 号", "010-00000000", "营业执照、药品经营许可证复印件",
    date(2026, 1, 1), date(2026, 12, 31),
)  # fmt: skip


async def test_papers_are_facts_until_they_are_revoked(
    registers: Registers, audit_log: Ledger
) -> None:
    provider, other = await registers.provider(), await registers.provider()
    ids = [
        await registers.papers.file(ADMIN, provider, paper)
        for paper in (POLICY, FILING, AGREEMENT, CONSENT)
    ]
    facts = await registers.register.provider_facts(provider)
    assert facts.on_file == OnFile(
        policies=(POLICY,), algorithms=(FILING,), agreements=(AGREEMENT,), consents=(CONSENT,)
    )
    assert facts.on_file.consent("notice-2026-1") == CONSENT
    assert facts.on_file.consent(None) is None
    assert (await registers.register.provider_facts(other)).on_file == OnFile()
    for _ in range(2):
        await registers.papers.revoke(ADMIN, ids[1], "模型已停用")
    facts = await registers.register.provider_facts(provider)
    assert facts.on_file.algorithms == ()
    assert await audit_log.kinds(ids[1]) == ["paper_filed", "paper_revoked"]


@pytest.mark.parametrize(
    ("paper", "pointers"),
    [
        (replace(POLICY, version=" ", owner=""), ["/version", "/owner"]),
        (replace(FILING, number="网信算备 1 号"), ["/number"]),
        (replace(FILING, filed_on=None, models=()), ["/filed_on", "/models"]),
        (replace(FILING, models=("",), notice_url="example.cn"), ["/models/0", "/notice_url"]),
        (replace(FILING, models=tuple(f"模型 {n}" for n in range(51))), ["/models"]),
        (replace(AGREEMENT, version="", url="http://example.cn"), ["/version", "/url"]),
        (replace(CONSENT, reference="不行", purposes=()), ["/reference", "/purposes"]),
        (
            replace(CONSENT, obtained_by="", valid_to=date(2025, 1, 1)),
            ["/valid_to", "/obtained_by"],
        ),
    ],
)
async def test_a_paper_that_makes_no_sense_is_refused(
    registers: Registers, paper: Paper, pointers: list[str]
) -> None:
    provider = await registers.provider()
    with pytest.raises(Invalid) as refused:
        await registers.papers.file(ADMIN, provider, paper)
    assert [problem.pointer for problem in refused.value.problems] == pointers


async def test_an_algorithm_may_wait_for_its_number_and_has_no_address(
    registers: Registers,
) -> None:
    provider = await registers.provider()
    waiting = replace(FILING, number=" ", filed_on=None, notice_url=" ")
    await registers.papers.file(ADMIN, provider, waiting)
    (filed,) = (await registers.register.provider_facts(provider)).on_file.algorithms
    assert (filed.number, filed.notice_url) == (None, None)


async def test_a_consent_reference_stands_for_one_consent_at_a_time(registers: Registers) -> None:
    provider = await registers.provider()
    first = await registers.papers.file(ADMIN, provider, CONSENT)
    with pytest.raises(Conflict) as taken:
        await registers.papers.file(ADMIN, provider, replace(CONSENT, fields=()))
    assert taken.value.code == "reference_taken"
    await registers.papers.revoke(ADMIN, first, "换新告知书")
    await registers.papers.file(ADMIN, provider, replace(CONSENT, fields=()))
    await registers.papers.file(ADMIN, await registers.provider(), CONSENT)


async def test_papers_of_nobody_are_not_found(registers: Registers) -> None:
    with pytest.raises(NotFound):
        await registers.papers.file(ADMIN, "prv_none", POLICY)
    with pytest.raises(NotFound):
        await registers.papers.revoke(ADMIN, "ppr_none", "无")
    wanted = Responsibility("", "", None, ())
    with pytest.raises(NotFound):
        await registers.papers.change_responsibility(ADMIN, "prv_none", wanted)


async def test_a_new_legal_name_ends_the_verification(
    registers: Registers, audit_log: Ledger
) -> None:
    provider = await registers.provider()
    wanted = Responsibility("周敏", "林岚", date(2027, 1, 31), ("finance", "education"))
    await registers.papers.change_responsibility(ADMIN, provider, wanted)
    facts = (await registers.register.provider_facts(provider)).on_file
    assert (facts.content_head, facts.chief_editor) == ("周敏", "林岚")
    assert facts.content_classes == (ContentClass.EDUCATION, ContentClass.FINANCE)
    same = ProviderChange("晨窗科技有限公司", "晨窗二", ())
    await registers.enrolment.change_provider(ADMIN, provider, same)
    facts = (await registers.register.provider_facts(provider)).on_file
    assert facts.verified_until == date(2027, 1, 31)
    other = ProviderChange("晚窗科技有限公司", "晨窗二", ())
    await registers.enrolment.change_provider(ADMIN, provider, other)
    facts = (await registers.register.provider_facts(provider)).on_file
    assert (facts.verified_until, facts.content_head) == (None, "周敏")
    assert (await audit_log.kinds(provider)).count("provider_changed") == 3
    bad = replace(wanted, content_classes=("cooking",))
    with pytest.raises(Invalid):
        await registers.papers.change_responsibility(ADMIN, provider, bad)


async def test_an_advertiser_is_checked_changed_struck_off_and_taken_back(
    registers: Registers, audit_log: Ledger
) -> None:
    code = credit_code()
    advertiser = await registers.advertisers.add(ADMIN, code.lower(), DETAILS)
    approval = NewApproval("medicine", "国药广审（文）第 260101001 号", date(2026, 12, 31))
    approval_id = await registers.advertisers.add_approval(ADMIN, advertiser, approval)

    async def known() -> AdvertiserFacts | None:
        return (await registers.register.current()).advertiser_by_code(f" {code} ")

    expected = Approval(AdClass.MEDICINE, "国药广审（文）第 260101001 号", date(2026, 12, 31))
    found = await known()
    assert found is not None
    assert (found.name, found.approvals) == ("山前药业有限公司", (expected,))
    for _ in range(2):
        await registers.advertisers.revoke_approval(ADMIN, approval_id, "批准已注销")
        await registers.advertisers.strike(ADMIN, advertiser, "证照失效")
    assert await known() is None
    changed = replace(DETAILS, valid_to=date(2027, 12, 31))
    await registers.advertisers.change(ADMIN, advertiser, changed)
    found = await known()
    assert found is not None
    assert (found.valid_to, found.approvals) == (date(2027, 12, 31), ())
    kinds = await audit_log.kinds(advertiser)
    assert kinds == ["advertiser_added", "advertiser_changed", "advertiser_changed"]
    assert await audit_log.kinds(approval_id) == ["approval_added", "approval_revoked"]


async def test_what_is_wrong_with_an_advertiser_is_said_field_by_field(
    registers: Registers,
) -> None:
    bad = replace(DETAILS, name="", valid_to=date(2025, 1, 1))
    with pytest.raises(Invalid) as refused:
        await registers.advertisers.add(ADMIN, "1", bad)
    pointers = [problem.pointer for problem in refused.value.problems]
    assert pointers == ["/credit_code", "/valid_to", "/name"]
    code = credit_code()
    advertiser = await registers.advertisers.add(ADMIN, code, DETAILS)
    with pytest.raises(Conflict):
        await registers.advertisers.add(ADMIN, code, DETAILS)
    odd = NewApproval("cooking", "", date(2027, 1, 1))
    with pytest.raises(Invalid):
        await registers.advertisers.add_approval(ADMIN, advertiser, odd)
    with pytest.raises(NotFound):
        await registers.advertisers.strike(ADMIN, "adv_none", "无")
    with pytest.raises(NotFound):
        await registers.advertisers.revoke_approval(ADMIN, "apv_none", "无")


async def test_a_surface_says_whom_it_is_made_for(registers: Registers) -> None:
    provider = await registers.provider()
    surface = await registers.surface(provider, elderly_mode=True)
    found = (await registers.register.current()).surface(surface)
    assert found is not None
    assert (found.elderly_mode, found.for_minors) == (True, False)
