"""The page that says why a recipient has room or has not."""

from app.staff.roles import Role
from tests.fixtures.console import Console, text_of
from tests.fixtures.console_sample import one_of_everything

PAGE = "/console/policy/recipient"


async def test_each_cap_of_a_recipient_stands_there_in_words(console: Console) -> None:
    await one_of_everything(console)
    auditor = await console.person(Role.AUDITOR)
    assert "频次说明" not in text_of((await auditor.get(PAGE)).text)
    surface = console.api.surface_id
    page = text_of((await auditor.get(f"{PAGE}?surface={surface}&recipient=r_1")).text)
    assert "每位接收用户每个自然日（按其所在时区）最多收到 5 条弹窗" in page
    assert "0 / 5" in page
    assert "还没有推送" in page
    english = await auditor.get(PAGE, surface=surface, recipient="r_1", lang="en")
    assert "A recipient gets at most 5 popups each calendar day" in text_of(english.text)


async def test_what_cannot_be_looked_up_is_said_at_its_field(console: Console) -> None:
    auditor = await console.person(Role.AUDITOR)
    missing = text_of((await auditor.get(f"{PAGE}?surface=srf_x&recipient=r_1")).text)
    assert "没有这个展示端" in missing
    surface = console.api.surface_id
    long = text_of((await auditor.get(f"{PAGE}?surface={surface}&recipient={'r' * 65}")).text)
    assert "标识最多 64 个字符" in long
