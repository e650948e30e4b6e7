"""Stored facts: the same bytes whoever else's facts were written before."""

from dataclasses import replace

import orjson

from app.domain.facts import Unknown
from app.pushes.stored import facts_bytes, facts_from
from tests.fixtures.facts import facts_of


def test_what_many_pushes_share_is_written_as_each_would_write_it_alone() -> None:
    news, other = facts_of("news"), facts_of("general")
    renamed = replace(news, provider=replace(news.provider, legal_name="另一家公司"))
    fewer = replace(news, limits=news.limits[:3])
    for facts in (news, other, renamed, fewer, news, other):
        written = facts_bytes(facts)
        assert written == orjson.dumps(facts, option=orjson.OPT_UTC_Z)
        assert facts_from(written) == facts


def test_more_providers_than_are_kept_do_no_harm() -> None:
    news = facts_of("news")
    for number in range(200):
        facts = replace(news, provider=replace(news.provider, id=f"prv_{number}"))
        assert facts_from(facts_bytes(facts)).provider.id == f"prv_{number}"


def test_a_fact_that_is_unknown_is_read_back_as_unknown() -> None:
    facts = replace(facts_of("news"), caps=Unknown("gone", outage=True))
    assert facts_from(facts_bytes(facts)) == facts
