"""Checks of single input fields that gather every problem before anything is refused."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from app.errors import FieldProblem, Invalid, Words

# Control, format (zero-width, bidi), surrogate, private and unassigned characters, odd line ends.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# A text of several lines is free text: emoji need U+200D, and a line feed and a tab are welcome.
_UNSTORABLE: Final = frozenset({"Cc", "Cs"})
_ADDRESS_LIMIT: Final = 2000
_HOST: Final = re.compile(
    r"(?=.{4,253}\Z)(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)+(?!-)(?=[a-z0-9-]*[a-z])[a-z0-9-]{2,63}(?<!-)"
)
_APP_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]{1,39}://")
# What is no app, leads anywhere, or runs code and reads files.
_NO_APPS: Final = frozenset(
    f"{name}://"
    for name in ("http", "https", "intent", "javascript", "data", "file", "blob", "about", "ftp")
)
# Names under which strangers register theirs: everybody would be inside such a "domain".
_SHARED: Final = frozenset(f"{head}.cn" for head in ("com", "net", "org", "gov", "edu", "ac"))


class Fields:
    """Cleans the fields of one input; `finish` refuses all that is wrong with them at once.

    Pointers are JSON pointers into the input. A method returns a usable value even for a bad
    field, so that the next can be looked at.
    """

    def __init__(self) -> None:
        """Begin with nothing wrong."""
        self._problems: list[FieldProblem] = []

    def add(self, pointer: str, code: str, zh: str, en: str) -> None:
        """Note what is wrong with a field."""
        self._problems.append(FieldProblem(pointer, code, Words(zh, en)))

    def finish(self) -> None:
        """Raise Invalid if anything was wrong."""
        if self._problems:
            raise Invalid(problems=tuple(self._problems))

    def text(
        self, pointer: str, value: str, limit: int, *, optional: bool = False, lines: bool = False
    ) -> str:
        """Return the text stripped; it has 1 (0 if optional) to `limit` code points, all visible.

        With `lines` it is free text, which may hold line feeds, tabs and format characters.
        """
        text = value.replace("\r\n", "\n").strip()
        if not text and not optional:
            self.add(pointer, "required", "必填", "required")
        if len(text) > limit:
            self.add(pointer, "too_long", f"最多 {limit} 个字符", f"at most {limit} characters")
        banned = _UNSTORABLE if lines else _UNSEEN
        allowed = "\n\t" if lines else ""
        if any(unicodedata.category(c) in banned and c not in allowed for c in text):
            self.add(pointer, "unseen_character", "含有不可见或控制字符", "has an unseen character")
        return text

    def choices(self, pointer: str, values: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
        """Return the values without repetition, sorted; each is one of `known`."""
        allowed = sorted(known)
        given = sorted(set(values))
        for value in given:
            if value not in allowed:
                listed = ", ".join(allowed)
                self.add(pointer, "unknown_value", f"只能取：{listed}", f"must be one of {listed}")
                break
        return tuple(given)

    def choice(self, pointer: str, value: str, known: Iterable[str]) -> str:
        """Return the value, which is one of `known`."""
        self.choices(pointer, (value,), known)
        return value

    def time_zone(self, pointer: str, value: str) -> str:
        """Return the name of a zone of the IANA database."""
        if value not in _zones():
            self.add(
                pointer,
                "unknown_time_zone",
                "须为 IANA 时区名，例如 Asia/Shanghai",
                "must be an IANA time zone such as Asia/Shanghai",
            )
        return value

    def web_address(self, pointer: str, value: str, *, plain_http: bool) -> str:
        """Return an absolute address; https unless `plain_http`, no sign-in data, no fragment."""
        text = self.text(pointer, value, _ADDRESS_LIMIT)
        schemes = ("https", "http") if plain_http else ("https",)
        if text and not _is_web_address(text, schemes):
            listed = " / ".join(f"{scheme}://" for scheme in schemes)
            self.add(
                pointer,
                "bad_address",
                f"须为完整网址（{listed}），不含用户名、口令、片段和空白",
                f"must be a full address ({listed}) without user, password, fragment or blanks",
            )
        return text

    def domains(
        self, pointer: str, values: Iterable[str], limit: int, *, schemes: bool = False
    ) -> tuple[str, ...]:
        """Return host names in lower-case ASCII, sorted; none of them a shared suffix.

        With `schemes` an entry may also be the scheme of an app, `name://`.
        """
        found = sorted({_host_form(value) for value in values})
        if len(found) > limit:
            self.add(pointer, "too_many", f"最多 {limit} 个域名", f"at most {limit} domains")
        for index, host in enumerate(found):
            if schemes and _is_app_scheme(host):
                continue
            if not _HOST.fullmatch(host) or host in _SHARED:
                self.add(
                    f"{pointer}/{index}",
                    "bad_domain",
                    f"“{host}”不是可登记的域名",
                    f'"{host}" is not a domain that can be registered',
                )
        return tuple(found)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _is_web_address(text: str, schemes: tuple[str, ...]) -> bool:
    if not text.isascii() or re.search(r"[\s\\]", text):
        return False
    try:
        parts = urlsplit(text)
        port_is_good = parts.port is None or parts.port > 0
    except ValueError:
        return False
    good = parts.scheme in schemes and bool(parts.hostname) and port_is_good
    return good and "@" not in parts.netloc and "#" not in text


def _is_app_scheme(text: str) -> bool:
    return _APP_SCHEME.fullmatch(text) is not None and text not in _NO_APPS


def _host_form(value: str) -> str:
    host = value.strip().rstrip(".").lower()
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host
