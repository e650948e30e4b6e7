"""The one tree of errors: each has a stable code, a status and words in both languages."""

# ruff: noqa: N818 - a refusal is not an error, and its name says what happened

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One text in Chinese and in English."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field of the input: JSON pointer, stable code, words."""

    pointer: str
    code: str
    message: Words


class GatewayError(Exception):
    """An expected refusal or outage that a caller is told about as RFC 9457 problem details."""

    code = "internal"
    status_code = 500
    title = Words("网关内部错误", "Internal error of the gateway")

    def __init__(
        self,
        detail: Words | None = None,
        *,
        problems: tuple[FieldProblem, ...] = (),
        retry_after: int | None = None,
        extra: dict[str, object] | None = None,
    ) -> None:
        """`detail` says what happened here; `problems` name the fields; seconds to wait."""
        super().__init__(self.code if detail is None else detail.en)
        self.detail = detail or self.title
        self.problems = problems
        self.retry_after = retry_after
        self.extra = extra or {}


class Malformed(GatewayError):
    """The body cannot be read as what it claims to be."""

    code = "malformed"
    status_code = 400
    title = Words("请求格式错误", "The request is malformed")


class Invalid(GatewayError):
    """The body can be read but breaks its schema; `problems` name the fields."""

    code = "invalid"
    status_code = 422
    title = Words("请求内容不合要求", "The request does not meet its schema")


class Unauthenticated(GatewayError):
    """No valid key, secret or session."""

    code = "unauthenticated"
    status_code = 401
    title = Words("未通过身份验证", "Not authenticated")


class Forbidden(GatewayError):
    """Known, but not allowed to do this."""

    code = "forbidden"
    status_code = 403
    title = Words("没有权限", "Not permitted")


class NotFound(GatewayError):
    """No such thing, or not for this caller."""

    code = "not_found"
    status_code = 404
    title = Words("未找到", "Not found")


class Conflict(GatewayError):
    """The state of things does not allow it; subclasses and `code` say which."""

    code = "conflict"
    status_code = 409
    title = Words("状态冲突", "Conflict with the current state")

    def __init__(
        self, detail: Words | None = None, *, code: str | None = None, **more: object
    ) -> None:
        """`code` narrows the stable code, such as `idempotency_key_reused`."""
        super().__init__(detail, **more)  # type: ignore[arg-type]
        if code is not None:
            self.code = code


class TooLarge(GatewayError):
    """The body is over the limit."""

    code = "too_large"
    status_code = 413
    title = Words("请求体超过上限", "The request body is over the limit")


class UnsupportedMedia(GatewayError):
    """The content type is not one that we read."""

    code = "unsupported_media_type"
    status_code = 415
    title = Words("不支持的内容类型", "Unsupported content type")


class TooManyRequests(GatewayError):
    """The caller is over its rate."""

    code = "too_many_requests"
    status_code = 429
    title = Words("请求过于频繁", "Too many requests")


class NotImplementedYet(GatewayError):
    """A documented part of the wire that this version does not serve."""

    code = "not_implemented"
    status_code = 501
    title = Words("本版本尚未支持", "Not supported by this version")


class CannotJudge(GatewayError):
    """Something needed for a decision is missing; try again later."""

    code = "cannot_judge"
    status_code = 503
    title = Words("暂时无法判定", "Cannot judge at present")


class DatabaseUnavailable(CannotJudge):
    """The database is gone or a commit is not certain."""

    code = "database_unavailable"
    title = Words("数据库暂不可用，请稍后重试", "The database is unavailable, try again")

    def __init__(self, detail: Words | None = None) -> None:
        """Ask the caller to wait a moment."""
        super().__init__(detail, retry_after=2)


class CountersUnavailable(CannotJudge):
    """The counters of the frequency caps cannot be reached; nothing is sent uncounted."""

    code = "counters_unavailable"
    title = Words("频次计数暂不可用", "The frequency counters are unavailable")

    def __init__(self, detail: Words | None = None) -> None:
        """Ask the caller to wait a moment."""
        super().__init__(detail, retry_after=2)
