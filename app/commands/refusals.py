"""What a command says about arguments that it cannot use."""

from typing import Final

from app.errors import FieldProblem, Invalid, Words

_DETAIL: Final = Words("命令的参数无法使用", "The command cannot use its arguments")


def unusable(where: str, zh: str, en: str) -> Invalid:
    """Return the refusal of one argument; `where` is its option or its file."""
    return Invalid(_DETAIL, problems=(FieldProblem(where, "unusable", Words(zh, en)),))
