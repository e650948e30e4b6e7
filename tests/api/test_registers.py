"""What the register holds decides: the same push before and after an admin files something."""

from datetime import date

from app.demo.cast import CONSENT
from app.domain.facts import Licence
from app.providers.advertisers import AdvertiserDetails
from tests.fixtures.api import ADMIN, Api
from tests.fixtures.wire import Body

CODE = "91350211M000100Y46"
DETAILS = AdvertiserDetails(
    "示例茶业有限公司", "示例路 1 号", "010-0", "营业执照", date(2026, 1, 1), date(2099, 1, 1)
)


async def found(api: Api, body: Body) -> dict[str, str]:
    """Return rule and verdict of every finding, rules that run on the words left out."""
    answer = await api.check(body)
    assert answer.status_code == 200, answer.text
    return {one["rule"]: one["verdict"] for one in answer.json()["decision"]["findings"]}


async def test_an_advertisement_waits_for_its_advertiser_and_the_consent(api: Api) -> None:
    before = await found(api, api.push())
    assert before["ads-34-register"] == before["ads-43-consent"] == "hold"
    await api.services.advertisers.add(ADMIN, CODE, DETAILS)
    await api.services.watch.refresh()
    agreed = api.push()["personalisation"] | {"consent_ref": CONSENT}
    after = await found(api, api.push(personalisation=agreed))
    assert not {"ads-34-register", "ads-43-consent"} & after.keys()


async def test_content_of_a_licensed_class_is_blocked_until_the_licence_is_there(api: Api) -> None:
    shown = api.push()["presentation"] | {"ad_label": None}
    notice = {"kind": "general", "advertiser": None, "source": None, "presentation": shown}
    body = api.push(**notice, content_class="finance")
    assert (await found(api, body))["popup-05-02-class-licence"] == "block"
    licence = Licence("finance", "金-1", (), date(2020, 1, 1), date(2099, 1, 1))
    await api.services.enrolment.add_licence(ADMIN, api.provider_id, licence)
    await api.services.watch.refresh()
    after = await found(api, body)
    assert "popup-05-02-class-licence" not in after
    assert "accounts-15-category" not in after


async def test_a_declared_class_without_its_approval_number_is_blocked(api: Api) -> None:
    named = api.push()["advertiser"] | {"ad_class": "health_food"}
    assert (await found(api, api.push(advertiser=named)))["ads-46-approval"] == "block"


async def test_tags_are_screened_as_tags_and_not_as_words_of_the_popup(api: Api) -> None:
    chosen = {"used": True, "model": "到货提醒模型 v1（演示备案）", "tags": ["彩金秒到账"]}
    after = await found(api, api.push(personalisation=chosen))
    assert after["algorithm-10-tags"] == "block"
    assert "ecosystem-06-09-vice" not in after


async def test_a_class_that_does_not_exist_is_refused(api: Api) -> None:
    answer = await api.check(api.push(content_class="cooking"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/content_class"
