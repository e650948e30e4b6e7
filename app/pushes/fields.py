"""The kinds of fields that a push on the wire is made of, each with its limit and its words."""

import re
from datetime import UTC, datetime
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema

from app.errors import Words
from app.validation import explained_pattern, refuse

LONGEST_URL: Final = 2048
LONGEST_HOST: Final = 253

# A NUL cannot be stored. Every other odd character of a text is the screening's to report.
NO_NUL = explained_pattern(
    r"^[^\x00]*$",
    "nul_character",
    Words("不得含有空字符 U+0000", "The character U+0000 is not allowed"),
)
NO_CONTROL = explained_pattern(
    r"^[^\x00-\x1f\x7f]*$",
    "control_character",
    Words("不得含有控制字符", "Control characters are not allowed"),
)
COLOR = explained_pattern(
    r"^#[0-9A-Fa-f]{6}$",
    "bad_color",
    Words("颜色须写作 #RRGGBB", "A colour is written #RRGGBB"),
)
PUSH_ID = explained_pattern(
    r"^psh_[0-9a-z]{26}$",
    "bad_push_id",
    Words("须为推送编号（psh_…）", "This has to be the id of a push (psh_…)"),
)
RECIPIENT_TOKEN = explained_pattern(
    r"^[A-Za-z0-9._~:@+=-]{1,64}$",
    "bad_recipient",
    Words(
        "接收用户标识须为 1 至 64 个字符：字母、数字或 . _ ~ : @ + = -",
        "A recipient's token is 1 to 64 letters, digits or . _ ~ : @ + = -",
    ),
)

Color = Annotated[str, Field(pattern=COLOR, examples=["#333333"])]
Length = Annotated[int, Field(ge=0, le=10_000)]
Offset = Annotated[int, Field(ge=-10_000, le=10_000)]
PushId = Annotated[str, Field(pattern=PUSH_ID, examples=["psh_01hgx3m5qk7vxkq2n8r4t6w9ya"])]
RecipientToken = Annotated[str, Field(pattern=RECIPIENT_TOKEN, examples=["r_7f3a"])]
ShortText = Annotated[str, Field(max_length=100, pattern=NO_NUL)]
LongText = Annotated[str, Field(max_length=500, pattern=NO_NUL)]
LeadText = Annotated[str, Field(max_length=2000, pattern=NO_NUL)]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=NO_CONTROL)]
Label = Annotated[str, Field(min_length=1, max_length=64, pattern=NO_CONTROL)]

# RFC 3339 5.6, the zone included; `fromisoformat` alone would take far more.
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_ZONELESS = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?", re.ASCII)
_FRACTION = re.compile(r"\.(\d+)")


def instant(value: object) -> datetime:
    """Return an RFC 3339 time as a UTC instant, to the microsecond."""
    if not isinstance(value, str):
        raise refuse("wrong_type", "须为 RFC 3339 时间字符串", "This has to be an RFC 3339 time")
    if not _INSTANT.fullmatch(value):
        if _ZONELESS.fullmatch(value):
            raise refuse(
                "no_time_zone",
                "时间须带时区，例如 +08:00 或 Z",
                "A time needs its zone, +08:00 or Z for instance",
            )
        raise _bad_time()
    try:
        return datetime.fromisoformat(_plain(value)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _bad_time() from None


def _plain(value: str) -> str:
    """Return the time as Python 3.11 reads it: capitals, and six digits of a second."""
    text = value.upper()
    fraction = _FRACTION.search(text)
    if fraction is None:
        return text
    return f"{text[: fraction.start()]}.{fraction[1][:6]:0<6}{text[fraction.end() :]}"


def _bad_time() -> Exception:
    return refuse(
        "bad_time",
        "须为 RFC 3339 时间，例如 2026-11-21T08:00:00+08:00",
        "This has to be an RFC 3339 time such as 2026-11-21T08:00:00+08:00",
    )


Time = Annotated[
    datetime,
    PlainValidator(instant),
    WithJsonSchema(
        {"type": "string", "format": "date-time", "examples": ["2026-11-21T08:00:00+08:00"]}
    ),
]


def web_address(value: str) -> str:
    """Return an absolute http or https address unchanged, if that is what it is."""
    # `isprintable` is false for controls and for what is invisible or changes direction.
    if not value.isprintable() or " " in value or "\\" in value:
        raise refuse(
            "bad_url_character",
            "网址不得含有空白、控制或不可见字符或反斜杠",
            "An address must not hold blanks, control or invisible characters or backslashes",
        )
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise _bad_url() from None
    if parts.scheme not in {"http", "https"} or not host or not _is_host(host):
        raise _bad_url()
    if "@" in parts.netloc:
        raise refuse(
            "url_with_credentials",
            "网址不得含有用户名或密码",
            "An address must not hold a user name or password",
        )
    return value


def _is_host(host: str) -> bool:
    if len(host) > LONGEST_HOST:
        return False
    return ":" in host or all(host.removesuffix(".").split("."))


def _bad_url() -> Exception:
    return refuse(
        "bad_url",
        "须为完整的 http 或 https 网址",
        "This has to be an absolute http or https address",
    )


Url = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST_URL, examples=["https://news.example.cn/a/1"]),
    AfterValidator(web_address),
    WithJsonSchema({"type": "string", "format": "uri", "minLength": 1, "maxLength": LONGEST_URL}),
]
