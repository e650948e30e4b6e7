"""What is known of pictures as it is stored and read back."""

import pytest

from app.domain.pictures import AigcLabel, AigcMark


@pytest.mark.parametrize("label", list(AigcLabel))
def test_a_mark_reads_back_as_it_was_stored(label: AigcLabel) -> None:
    mark = AigcMark(label, "生产者", "p-1", "传播者", "q-1")
    assert AigcMark.from_json(mark.to_json()) == mark


def test_a_mark_that_was_never_written_is_not_read() -> None:
    stored = AigcMark(AigcLabel.POSSIBLE).to_json()
    with pytest.raises(ValueError, match="perhaps"):
        AigcMark.from_json(stored | {"label": "perhaps"})
    with pytest.raises(TypeError):
        AigcMark.from_json(stored | {"mood": "good"})
    del stored["label"]
    with pytest.raises(KeyError):
        AigcMark.from_json(stored)
