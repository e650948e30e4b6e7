"""What is wrong with a proposed exemption stands at its field, all at once, in both languages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.domain.exemptions import Exempted
from app.policy.exemption_faults import NewExemption, problems

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)


def found(**changes: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - of an exemption
    values: dict[str, Any] = {
        "name": "汛情预警",
        "caps": ("one",),
        "pushes": Exempted(surfaces=("srf_a",)),
        "reason": "汛情每小时更新",
        "basis": "应急指令 18 号",
        "starts_at": None,
        "ends_at": NOW + timedelta(days=31),
    }
    faults = problems(NewExemption(**(values | changes)), NOW, {"one"}, {"汛情"})
    assert all(fault.message.zh and fault.message.en for fault in faults)
    return [(fault.pointer, fault.code) for fault in faults]


def test_nothing_is_wrong_with_an_ordinary_one() -> None:
    assert found() == []
    assert found(pushes=Exempted(topics=("汛情",)), starts_at=NOW - timedelta(minutes=4)) == []


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"name": " "}, "/name", "bad_text"),
        ({"name": "x" * 65}, "/name", "bad_text"),
        ({"basis": "x" * 201}, "/basis", "bad_text"),
        ({"basis": "a\nb"}, "/basis", "bad_text"),
        ({"reason": ""}, "/reason", "required"),
        ({"reason": "x" * 501}, "/reason", "required"),
        ({"caps": ()}, "/caps", "required"),
        ({"caps": ("one", "none")}, "/caps", "unknown"),
        ({"pushes": Exempted()}, "/surfaces", "too_broad"),
        ({"pushes": Exempted(topics=("汛情", "股市"))}, "/topics", "topic_unregistered"),
        ({"starts_at": NOW - timedelta(hours=1)}, "/starts", "date_past"),
        ({"ends_at": NOW}, "/ends", "ends_before"),
        ({"starts_at": NOW + timedelta(days=40)}, "/ends", "ends_before"),
        ({"ends_at": NOW + timedelta(days=32)}, "/ends", "too_long"),
    ],
)
def test_each_fault_stands_at_its_field(changes: dict[str, Any], pointer: str, code: str) -> None:
    assert found(**changes) == [(pointer, code)]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    far = NOW + timedelta(days=400)
    assert found(name="", caps=(), reason="", starts_at=far, ends_at=far) == [
        ("/name", "bad_text"),
        ("/caps", "required"),
        ("/starts", "date_too_far"),
        ("/ends", "ends_before"),
        ("/reason", "required"),
    ]
