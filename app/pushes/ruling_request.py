"""What a reviewer sends to rule, and what can be wrong with it by itself."""

from dataclasses import dataclass

from app.domain.decision import RulingVerdict
from app.errors import FieldProblem, Invalid, Words

LONGEST_REASON = 2_000
LONGEST_CLAUSE = 200


@dataclass(frozen=True, slots=True)
class RulingRequest:
    """What a reviewer decided, with the claim and the content that it was decided on.

    `clears` are the ids of the rules whose holds the reviewer saw; `checked` says what was
    checked by hand where a fact is unknowable.
    """

    ticket_id: str
    fencing: int
    digest: str
    verdict: RulingVerdict
    clause: str | None
    reason: str
    clears: tuple[str, ...] = ()
    checked: str = ""


def check(request: RulingRequest) -> None:
    """Raise Invalid with all that is missing or no good text."""
    problems = []
    if not request.reason.strip():
        problems.append(
            FieldProblem("/reason", "required", Words("请填写理由", "A reason is required"))
        )
    if request.verdict is not RulingVerdict.APPROVE and not (request.clause or "").strip():
        problems.append(
            FieldProblem(
                "/clause",
                "required",
                Words("驳回或退回须注明条款", "A refusal or return names a clause"),
            )
        )
    texts = (
        ("/reason", request.reason, LONGEST_REASON),
        ("/checked", request.checked, LONGEST_REASON),
        ("/clause", request.clause or "", LONGEST_CLAUSE),
    )
    problems += [_bad_text(*text) for text in texts if not _is_good_text(*text[1:])]
    if problems:
        raise Invalid(problems=tuple(problems))


def _is_good_text(text: str, longest: int) -> bool:
    return len(text) <= longest and not any(
        char == "\0" or "\ud800" <= char <= "\udfff" for char in text
    )


def _bad_text(pointer: str, _text: str, longest: int) -> FieldProblem:
    return FieldProblem(
        pointer,
        "bad_text",
        Words(
            f"最多 {longest} 个字，且不得含空字符或残缺字符",
            f"At most {longest} characters, no null characters or halves of one",
        ),
    )
