"""What the demo's providers have on file, so that its pushes wait for their own faults alone."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from app.audit.events import Actor
from app.bootstrap import Services
from app.demo.cast import CONSENT
from app.domain.registers import (
    Agreement,
    AgreementItem,
    AlgorithmFiling,
    AlgorithmKind,
    ConsentBasis,
    ConsentPurpose,
    Paper,
    PolicyDocument,
    PolicyKind,
)
from app.providers.advertisers import AdvertiserDetails
from app.providers.papers import Responsibility
from app.providers.register import RegisterSnapshot

_FROM: Final = date(2026, 1, 1)
_TO: Final = date(2035, 12, 31)

_ANSWERS: Final = Responsibility("沈若溪（演示）", "沈若溪（演示）", _TO, ("education", "finance"))

_PAPERS: Final[tuple[Paper, ...]] = (
    *(PolicyDocument(kind, "演示-1", "内容安全部（演示）", _TO) for kind in PolicyKind),
    AlgorithmFiling(
        AlgorithmKind.PERSONALISED_PUSH,
        ("到货提醒模型 v1（演示备案）", "阅读小结模型 v2（演示备案）"),
        "网信算备000000000000000000000号",
        _FROM,
        None,
        _TO,
        "https://m.chenchuang.example/algorithm",
    ),
    Agreement("演示-2026-1", _FROM, tuple(AgreementItem), "https://m.chenchuang.example/terms"),
    ConsentBasis(
        CONSENT,
        (ConsentPurpose.ADVERTISING, ConsentPurpose.PERSONALISATION),
        ("收藏", "城市", "阅读篇数", "常看栏目"),
        "首次打开时单独询问，默认不勾选（演示）",
        _FROM,
        _TO,
    ),
)


@dataclass(frozen=True, slots=True)
class DemoAdvertiser:
    """Somebody who advertises in the demo."""

    name: str
    credit_code: str


ADVERTISERS: Final = (
    DemoAdvertiser("云岭茶舍演示商贸有限公司", "91530102DEM000002C"),
    DemoAdvertiser("半山书店演示有限公司", "91110105DEM000003P"),
)
"""Those whose documents were checked; the demo's training company is left for an admin to add."""


async def put_on_file(services: Services, actor: Actor, provider_id: str) -> None:
    """File everything that the rules ask a provider for, unless something is on file already."""
    register = await _register(services)
    if register.on_file(provider_id).policies:
        return
    await services.papers.change_responsibility(actor, provider_id, _ANSWERS)
    for paper in _PAPERS:
        await services.papers.file(actor, provider_id, paper)


async def check_advertisers(services: Services, actor: Actor) -> None:
    """Register the demo's advertisers that are not registered yet."""
    known = {one.credit_code for one in (await _register(services)).advertisers.values()}
    for one in ADVERTISERS:
        if one.credit_code not in known:
            details = AdvertiserDetails(
                one.name, "演示市演示路 1 号", "000-0000-0000", "营业执照（演示）", _FROM, _TO
            )
            await services.advertisers.add(actor, one.credit_code, details)


async def _register(services: Services) -> RegisterSnapshot:
    await services.watch.refresh()
    return await services.register.current()
