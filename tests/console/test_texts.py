"""The catalogues: complete in both languages, used, and nothing said outside them."""

import re
from string import Formatter

from app.audit.events import AuditKind
from app.console.permissions import Permission
from app.console.texts import LANGUAGES, catalogue, texts
from app.console.views import TEMPLATES
from app.domain.state import PushState
from app.staff.roles import Role

OURS = [
    path
    for path in sorted(TEMPLATES.rglob("*.html"))
    # Public pages have a frame of their own; the preview draws what the recipient's client draws.
    if "public" not in path.relative_to(TEMPLATES).parts and path.name != "preview.html"
]
_CODE = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_WORDS = re.compile(r"[A-Za-z]{2,}")
# What is the same in every language.
_NAMES = {"openapi", "json", "pgk", "Authorization", "Bearer"}


def base(key: str) -> str:
    return key.removesuffix(".one").removesuffix(".other")


def test_both_languages_have_the_same_keys() -> None:
    zh, en = ({base(key) for key in catalogue(language)} for language in LANGUAGES)
    assert zh == en


def test_no_text_is_empty_and_both_languages_fill_the_same_places() -> None:
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    zh = catalogue("zh")
    for key, text in catalogue("en").items():
        assert text.strip(), key
        twin = zh[base(key)] if base(key) in zh else zh[key]
        assert twin.strip(), key
        assert places(text) == places(twin), key


def test_english_has_no_chinese_and_chinese_speaks_chinese() -> None:
    same = {"account.zh", "app.other_language"}
    assert [
        key for key, text in catalogue("en").items() if _CHINESE.search(text) and key not in same
    ] == []


def test_every_closed_set_has_its_words() -> None:
    for language in LANGUAGES:
        t = texts(language)
        assert [kind for kind in AuditKind if not t.has(f"audit_kind.{kind}")] == []
        assert [state for state in PushState if not t.has(f"push_state.{state}")] == []
        assert [role for role in Role if not t.has(f"role.{role}")] == []


def test_every_key_that_a_template_names_is_there() -> None:
    named = re.compile(r"""\bt\(\s*["']([a-z_.]+)["']\s*[,)]""")
    keys = {base(key) for key in catalogue("zh")}
    missing = [
        (path.name, key)
        for path in OURS
        for key in named.findall(path.read_text("utf-8"))
        if key not in keys
    ]
    assert missing == []


def test_no_template_says_anything_outside_the_catalogue() -> None:
    for path in OURS:
        bare = _CODE.sub(" ", path.read_text("utf-8"))
        assert not _CHINESE.search(bare), path
        said = re.sub(r'<[^>]*>|[a-z-]+="[^"]*"', " ", bare)
        found = [word for word in _WORDS.findall(said) if word not in _NAMES]
        assert found == [], path


def test_permissions_are_written_as_area_resource_action() -> None:
    assert all(re.fullmatch(r"[a-z]+:[a-z_]+:[a-z]+", one) for one in Permission)
