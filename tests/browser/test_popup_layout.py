"""The popup's marks stay visible, on top and where they were approved, whatever page and text."""

from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Locator, Page, expect

from tests.fixtures.popup_gateway import PopupGateway
from tests.fixtures.releases import advertisement, release
from tests.fixtures.waiting import until

ON_TOP = """(selector) => {
  const host = document.querySelector("popgate-popup");
  const part = host.shadowRoot.querySelector(selector);
  const box = part.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
  const inside = x > 0 && y > 0 && x < innerWidth && y < innerHeight;
  const hit = host.shadowRoot.elementFromPoint(x, y);
  return inside && document.elementFromPoint(x, y) === host && part.contains(hit);
}"""


def popup(page: Page) -> Locator:
    return page.get_by_role("dialog")


@pytest.mark.parametrize(
    ("width", "height", "root_font"),
    [(1100, 720, 16), (360, 640, 16), (320, 420, 32), (900, 600, 10)],
)
async def test_label_and_close_stay_on_top_whatever_text_and_window(
    page: Page, popup_gate: PopupGateway, output: Path, *, width: int, height: int, root_font: int
) -> None:
    await page.set_viewport_size({"width": width, "height": height})
    popup_gate.send(
        advertisement(
            title="特" * 60 + "W" * 40,
            body="长" * 250 + "w" * 250,
            provider={"id": "prv_1", "name": "很长很长的名称" * 8},
        )
    )
    await page.goto(popup_gate.base + "/page?wait=1")
    await page.evaluate(
        "(size) => { document.documentElement.style.fontSize = `${size}px`; }", root_font
    )
    await page.evaluate("window.start()")
    await expect(popup(page)).to_be_visible()
    await page.wait_for_timeout(200)
    await page.screenshot(path=output / f"client-long-{width}x{height}-{root_font}.png")
    for selector in (".label", ".close", ".complain", ".refuse"):
        assert await page.evaluate(ON_TOP, selector), selector
    close = await page.get_by_role("button", name="关闭弹窗").bounding_box()
    assert close is not None
    assert min(close["width"], close["height"]) >= 44


@pytest.mark.parametrize(
    ("close_at", "label_at"), [((272, 132), (8, 8)), ((4, 4), (290, 8)), ((4, 132), (280, 160))]
)
async def test_marks_keep_the_approved_corner_and_no_text_lies_under_them(
    page: Page,
    popup_gate: PopupGateway,
    output: Path,
    *,
    close_at: tuple[int, int],
    label_at: tuple[int, int],
) -> None:
    ad = advertisement()
    ad["close"] |= {"x_dp": close_at[0], "y_dp": close_at[1]}
    ad["label"] |= {"x_dp": label_at[0], "y_dp": label_at[1]}
    popup_gate.send(ad)
    await page.goto(popup_gate.base + "/page")
    await expect(popup(page)).to_be_visible()
    await page.wait_for_timeout(200)
    await page.screenshot(path=output / f"client-corner-{close_at[0]}-{close_at[1]}.png")
    overlaps = await page.evaluate(
        """() => {
          const root = document.querySelector("popgate-popup").shadowRoot;
          const box = (selector) => root.querySelector(selector).getBoundingClientRect();
          const meet = (a, b) =>
            a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
          const texts = [".provider", "main", ".complain", ".refuse"];
          return [".label", ".close"].flatMap((mark) =>
            texts.filter((text) => meet(box(mark), box(text))).map((text) => mark + text));
        }"""
    )
    assert overlaps == []
    frame = await page.locator("popgate-popup .card").bounding_box()
    close = await page.get_by_role("button", name="关闭弹窗").bounding_box()
    assert frame is not None
    assert close is not None
    assert close["x"] - frame["x"] == pytest.approx(close_at[0], abs=0.5)


async def test_a_page_cannot_cover_the_marks(page: Page, popup_gate: PopupGateway) -> None:
    popup_gate.page = popup_gate.page.replace("<body>", '<body><div id="cover"></div>')
    await page.goto(popup_gate.base + "/page")
    await page.evaluate(
        """() => Object.assign(document.getElementById("cover").style,
             {position: "fixed", inset: "0", zIndex: "2147483647", background: "#0008"})"""
    )
    popup_gate.send(release())
    await expect(popup(page)).to_be_visible()
    assert await page.evaluate(ON_TOP, ".close")
    await page.evaluate(
        """() => { const cover = document.getElementById("cover");
             cover.popover = "manual";
             cover.style.width = cover.style.height = "100%";
             cover.showPopover(); }"""
    )
    await page.wait_for_timeout(700)
    assert await page.evaluate(ON_TOP, ".close")


async def test_a_popup_that_a_modal_window_makes_unclosable_is_taken_away(
    page: Page, popup_gate: PopupGateway
) -> None:
    popup_gate.page = popup_gate.page.replace("</body>", "<dialog id='modal'>wait</dialog></body>")
    popup_gate.send(release())
    await page.goto(popup_gate.base + "/page")
    await expect(popup(page)).to_be_visible()
    await page.evaluate("document.getElementById('modal').showModal()")
    await until(page, "window.log.some(([name, code]) => code === 'covered')")
    assert await page.locator("popgate-popup").count() == 0

    popup_gate.send(release(release_id="rel_2", push_id="psh_2"))
    await page.wait_for_timeout(900)
    assert await page.locator("popgate-popup").count() == 0
    await page.evaluate("document.getElementById('modal').close()")
    await expect(popup(page)).to_be_visible()


async def test_hostile_text_stays_text(page: Page, popup_gate: PopupGateway) -> None:
    attack = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>'
    popup_gate.send(
        release(
            title=attack,
            body=attack,
            kind="news",
            source={"unit": attack, "url": "javascript:window.hit=1"},
            provider={"id": "prv_1", "name": attack},
        )
    )
    await page.goto(popup_gate.base + "/page")
    await expect(popup(page).locator("h2")).to_have_text(attack)
    assert await page.evaluate("window.hit") is None
    assert await page.locator("popgate-popup img, popgate-popup script").count() == 0


async def test_a_title_with_bidi_overrides_turns_nothing_else_round(
    page: Page, popup_gate: PopupGateway, output: Path
) -> None:
    popup_gate.send(
        release(
            title="\u202e\u2067مرحبا 奖大中你\u202e",
            provider={"id": "prv_1", "name": "\u202e晨窗 ABC"},
        )
    )
    await page.goto(popup_gate.base + "/page")
    await expect(popup(page)).to_be_visible()
    await page.wait_for_timeout(200)
    await page.screenshot(path=output / "client-bidi.png")
    order = await page.evaluate(
        """() => {
          const root = document.querySelector("popgate-popup").shadowRoot;
          const left = (selector) => root.querySelector(selector).getBoundingClientRect().left;
          return [left(".provider") < left(".close"), left(".complain") < left(".refuse")];
        }"""
    )
    assert order == [True, True]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_both_colour_schemes_keep_text_readable(
    page: Page, popup_gate: PopupGateway, output: Path, *, scheme: Literal["light", "dark"]
) -> None:
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    popup_gate.send(advertisement())
    await page.goto(popup_gate.base + "/page")
    await expect(popup(page)).to_be_visible()
    await page.screenshot(path=output / f"client-{scheme}.png")
    ratios = await page.evaluate(
        """() => {
          const root = document.querySelector("popgate-popup").shadowRoot;
          const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
          const light = (color) => numbers(color).slice(0, 3)
            .map((c) => c / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
            .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
          const paper = light(getComputedStyle(root.querySelector(".card")).backgroundColor);
          return ["h2", ".body", ".provider", ".facts", ".complain", ".refuse"].map((selector) => {
            const ink = light(getComputedStyle(root.querySelector(selector)).color);
            return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
          });
        }"""
    )
    assert min(ratios) >= 4.5
    assert (
        await page.locator("popgate-popup .card").evaluate(
            "(c) => getComputedStyle(c).animationName"
        )
        == "none"
    )


async def test_the_page_cannot_style_the_popup_away(page: Page, popup_gate: PopupGateway) -> None:
    popup_gate.page = popup_gate.page.replace(
        "</head>", '<link rel="stylesheet" href="/hostile.css"></head>'
    )
    popup_gate.send(advertisement())
    await page.goto(popup_gate.base + "/page")
    await expect(popup(page)).to_be_visible()
    assert await page.locator("h1").evaluate("(h) => getComputedStyle(h).opacity") == "0"
    for selector in (".label", ".close", ".complain", ".refuse"):
        assert await page.evaluate(ON_TOP, selector), selector
    seen = await page.locator("popgate-popup").evaluate(
        "(host) => [getComputedStyle(host).opacity, getComputedStyle(host).display]"
    )
    assert seen == ["1", "block"]


async def test_a_preview_draws_the_same_card_and_nothing_in_it_reacts(
    page: Page, popup_gate: PopupGateway, output: Path
) -> None:
    payload = advertisement()
    await page.goto(popup_gate.base + "/page?wait=1")
    await page.evaluate(
        "(release) => { window.Popgate.previewRelease(document.body, release, {lang: 'zh'}); }",
        payload,
    )
    await page.screenshot(path=output / "client-preview.png")
    await expect(popup(page)).to_contain_text("秋茶上新")
    await page.get_by_role("link", name="查看详情").click()
    await page.get_by_role("button", name="关闭弹窗").click()
    await expect(popup(page)).to_be_visible()
    assert len(page.context.pages) == 1
    assert popup_gate.events == []
