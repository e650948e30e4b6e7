"""The demo page belongs to the demo mode alone, and its tokens are those of the demo's pushes."""

import re

from app.demo.cast import PAGE_RECIPIENTS
from app.settings import Mode
from tests.fixtures.api import ApiStarter
from tests.fixtures.processes import ROOT


async def test_production_has_no_demo_page(api_starter: ApiStarter) -> None:
    async for api in api_starter.start(mode=Mode.PRODUCTION):
        assert (await api.http.get(f"/demo/{api.surface_id}")).status_code == 404


def test_browsers_register_under_the_tokens_that_the_pushes_are_addressed_to() -> None:
    script = (ROOT / "app/console/static/demo/demo.js").read_text("utf-8")
    made = re.search(
        r"length: (\d+) \}, \(_, index\) => `(r_demo_)\$\{.*padStart\((\d), \"0\"\)", script
    )
    assert made is not None
    length, prefix, width = int(made[1]), made[2], int(made[3])
    tokens = tuple(f"{prefix}{number:0{width}d}" for number in range(1, length + 1))
    assert tokens == PAGE_RECIPIENTS
