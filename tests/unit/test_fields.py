"""Checks of input fields find every problem at once."""

import pytest

from app.errors import Invalid
from app.fields import Fields


def codes(fields: Fields) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refused:
        fields.finish()
    assert all(problem.message.zh and problem.message.en for problem in refused.value.problems)
    return [(problem.pointer, problem.code) for problem in refused.value.problems]


def test_all_problems_are_told_at_once() -> None:
    fields = Fields()
    fields.text("/name", " ", 10)
    fields.time_zone("/time_zone", "Beijing")
    fields.choice("/form", "toaster", ("app", "site"))
    assert codes(fields) == [
        ("/name", "required"),
        ("/time_zone", "unknown_time_zone"),
        ("/form", "unknown_value"),
    ]


@pytest.mark.parametrize("unseen", ["\u200b", "\u202e", "\x00", "\ud800", "\ufeff", "\n", "\u2028"])
def test_a_name_has_no_unseen_character(unseen: str) -> None:
    fields = Fields()
    fields.text("/name", f"晨{unseen}窗", 10)
    assert codes(fields) == [("/name", "unseen_character")]


@pytest.mark.parametrize("bad", ["\x00", "\ud800", "\x1b"])
def test_free_text_has_no_control_character(bad: str) -> None:
    fields = Fields()
    fields.text("/text", f"点了{bad}两次", 100, lines=True)
    assert codes(fields) == [("/text", "unseen_character")]


def test_free_text_keeps_lines_and_joined_emoji() -> None:
    fields = Fields()
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert fields.text("/text", f" 一\r\n二\t{family} ", 100, lines=True) == f"一\n二\t{family}"
    fields.finish()


def test_a_text_of_exactly_the_limit_is_taken_and_one_more_is_not() -> None:
    fields = Fields()
    fields.text("/name", "窗" * 10, 10)
    fields.finish()
    fields.text("/name", "窗" * 11, 10)
    assert codes(fields) == [("/name", "too_long")]


@pytest.mark.parametrize(
    "address",
    [
        "http://example.com/hook",
        "https://",
        "https://user:secret@example.com/",
        "https://example.com/#part",
        "https://example.com/ a",
        "https://exa\\mple.com/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "ftp://example.com/",
        "javascript:alert(1)",
        "https://例子.cn/",
        "/hook",
    ],
)
def test_an_address_that_is_not_plainly_https_is_refused(address: str) -> None:
    fields = Fields()
    fields.web_address("/url", address, plain_http=False)
    assert ("/url", "bad_address") in codes(fields)


def test_plain_http_is_taken_only_where_it_is_allowed() -> None:
    fields = Fields()
    fields.web_address("/url", "http://127.0.0.1:9000/hook?a=1", plain_http=True)
    fields.web_address("/url", "https://example.com/hook", plain_http=False)
    fields.finish()


def test_domains_are_kept_in_one_form() -> None:
    fields = Fields()
    found = fields.domains("/link_domains", ["News.Example.COM.", "例子.中国", "例子.中国"], 5)
    fields.finish()
    assert found == ("news.example.com", "xn--fsqu00a.xn--fiqs8s")


def test_an_app_scheme_stands_among_the_domains_where_it_may() -> None:
    fields = Fields()
    assert fields.domains("/link_domains", ["Shop://", "a.com"], 5, schemes=True) == (
        "a.com",
        "shop://",
    )
    fields.finish()
    fields.domains("/link_domains", ["shop://"], 5)
    fields.domains("/link_domains", ["https://", "intent://", "shop://x"], 5, schemes=True)
    assert [code for _, code in codes(fields)] == ["bad_domain"] * 4


@pytest.mark.parametrize(
    "domain",
    ["com", "com.cn", "localhost", "*.example.com", "a..b", "-a.com", "10.0.0.1", "a/b.com", ""],
)
def test_what_names_no_single_owner_is_no_domain(domain: str) -> None:
    fields = Fields()
    fields.domains("/link_domains", [domain], 5)
    assert codes(fields) == [("/link_domains/0", "bad_domain")]
