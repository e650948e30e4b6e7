"""What a process insists on before it starts; every fault is named at once."""

from collections.abc import Iterator
from typing import Final

from app.audit.events import AuditKind, system
from app.audit.record import record
from app.bootstrap import Part
from app.clock import SystemClock
from app.commands.serving import NotStarted
from app.db.revisions import require_newest
from app.db.session import Database
from app.db.versions import VersionWatch
from app.demo.cast import CREDIT_CODES
from app.demo.folder import holds_demo
from app.errors import FieldProblem, Words
from app.inspection.reading import missing_packages
from app.providers.repository import holds_key
from app.providers.service import Register
from app.rules.version import rule_set_version
from app.settings import Mode, Settings
from app.staff.passwords import Passwords
from app.staff.service import Staff

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})

_DETAIL: Final = Words(
    "启动条件不满足，须先解决以下问题", "Not started; this has to be settled first"
)
# What the ledger keeps of the settings: nothing secret, nothing that only this machine knows.
_RECORDED: Final = (
    "mode",
    "public_url",
    "behind_tls_proxy",
    "undo_seconds",
    "claim_seconds",
    "session_hours",
    "session_idle_minutes",
    "requires_second_factor",
    "rate_per_minute",
    "public_rate_per_minute",
    "dispatch_lease_seconds",
    "webhook_networks",
    "metrics_networks",
    "ocr",
    "follow_links",
    "follow_networks",
)


async def require_ready(settings: Settings, parts: frozenset[Part]) -> None:
    """Raise NotStarted with every fault of the settings and of what the database holds.

    NotMigrated comes first: what a database holds cannot be read at another revision.
    """
    await require_newest(settings.database)
    faults = [*setting_faults(settings, parts)]
    if settings.mode is Mode.PRODUCTION:
        faults += await _data_faults(settings)
    if faults:
        raise NotStarted(_DETAIL, problems=tuple(faults))


async def record_start(settings: Settings, parts: frozenset[Part]) -> None:
    """Put the settings that a process starts with into the ledger."""
    clock, database = SystemClock(), Database(settings.database)
    body = {name: getattr(settings, name) for name in _RECORDED} | {
        "parts": sorted(parts),
        "rule_set": rule_set_version(),
    }
    try:
        await database.write(
            lambda tx: record(
                tx, clock.now(), AuditKind.SETTINGS_LOADED, system("start"), "settings", **body
            )
        )
    finally:
        await database.close()


def setting_faults(settings: Settings, parts: frozenset[Part]) -> Iterator[FieldProblem]:
    """Yield what is wrong with the settings alone."""
    if (settings.tls_cert is None) != (settings.tls_key is None):
        yield _fault("GATEWAY_TLS_KEY", "证书与私钥须同时设置", "set certificate and key together")
    for name, file in (("CERT", settings.tls_cert), ("KEY", settings.tls_key)):
        if file is not None and not file.is_file():
            yield _fault(f"GATEWAY_TLS_{name}", f"找不到文件 {file}", f"there is no file {file}")
    lacking = missing_packages() if settings.ocr and Part.DISPATCH in parts else ()
    if lacking:
        names = ", ".join(lacking)
        yield _fault(
            "GATEWAY_OCR",
            f"识别图片文字需要安装 popgate[ocr]，缺少 {names}",
            f"reading pictures needs the extra popgate[ocr]; missing: {names}",
        )
    if settings.mode is Mode.PRODUCTION:
        yield from _production_faults(settings, parts)
    elif settings.host not in LOOPBACK:
        yield _fault(
            "GATEWAY_HOST",
            "演示模式只监听本机地址；对外服务请设置 GATEWAY_MODE=production",
            "the demo mode listens on this machine alone; to serve others set "
            "GATEWAY_MODE=production",
        )


def _production_faults(settings: Settings, parts: frozenset[Part]) -> Iterator[FieldProblem]:
    if holds_demo(settings.keys):
        yield _fault(
            "GATEWAY_KEYS_DIR",
            "这是演示的签名密钥，不能用于生产",
            "these are a demo's signing keys, not for production",
        )
    if not settings.public_url.startswith("https://"):
        yield _fault("GATEWAY_PUBLIC_URL", "须为 https 地址", "has to be an https address")
    if Part.SERVE in parts and not settings.behind_tls_proxy and settings.tls_cert is None:
        yield _fault(
            "GATEWAY_TLS_CERT",
            "须设置证书与私钥，或以 GATEWAY_BEHIND_TLS_PROXY=true 声明由代理终止 TLS",
            "set certificate and key, or declare with GATEWAY_BEHIND_TLS_PROXY=true that a "
            "proxy ends TLS",
        )


async def _data_faults(settings: Settings) -> list[FieldProblem]:
    """Return what production may not find in its database."""
    clock, database = SystemClock(), Database(settings.database)
    try:
        register = await Register(database, VersionWatch(database, clock), clock).current()
        everybody = await Staff(database, clock, Passwords(), holds_key).everybody()
    finally:
        await database.close()
    faults = []
    if any(one.credit_code in CREDIT_CODES for one in register.providers.values()):
        faults.append(
            _fault(
                "GATEWAY_DATABASE_URL",
                "数据库中有演示数据（演示服务提供者及其密钥），请换一个数据库",
                "the database holds the demo's providers and keys; use another",
            )
        )
    unused = [
        one.username for one in everybody if one.must_change_password and one.disabled_at is None
    ]
    if unused:
        names = ", ".join(unused)
        faults.append(
            _fault(
                "staff",
                f"一次性密码尚未修改：{names}。请运行 popgate staff password NAME，或停用此人",
                f"one-time passwords not yet changed: {names}. Run popgate staff password NAME, "
                "or take the person out of use",
            )
        )
    return faults


def _fault(where: str, zh: str, en: str) -> FieldProblem:
    return FieldProblem(where, "not_ready", Words(zh, en))
