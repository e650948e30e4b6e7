"""The clause matrix and findings as JSON values, for the API, the console and `rules list`."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from typing import Final

from app.domain.decision import Citation, Decision, Finding, Verdict
from app.domain.facts import Limit
from app.rules.catalogue import CATALOGUE
from app.rules.elsewhere import Elsewhere, Law, elsewhere, laws
from app.rules.instruments import OPERATOR_POLICY, clause
from app.rules.limits import REQUIRED
from app.rules.operator.rules import PREFIX
from app.rules.rule import Rule
from app.rules.texts import Language, render, wording

Json = dict[str, object]

_HIGHEST_NUMBER: Final = 99
_NUMBERS: Final = {
    clause(number).removeprefix("第").removesuffix("条"): number
    for number in range(1, _HIGHEST_NUMBER + 1)
}
_CLAUSE: Final = re.compile(r"第(\w+)条(?:第(\w+)款)?(?:第（(\w+)）项)?\Z")
_RULES: Final = {rule.id: rule for rule in CATALOGUE}


def rules_matrix(rules: Iterable[Rule] = CATALOGUE) -> list[Json]:
    """Return one row a rule, in the order of the law."""
    return [_rule_row(rule) for rule in rules]


def elsewhere_matrix() -> list[Json]:
    """Return one row for every duty that no rule states, by instrument; do not change the rows."""
    return list(_elsewhere_rows())


def laws_matrix() -> list[Json]:
    """Return one row for every instrument whose clauses are placed, with what became of it."""
    return [_law_row(law) for law in laws().values()]


def limits_matrix(limits: Iterable[Limit], since: Mapping[str, date]) -> list[Json]:
    """Return one row for every number that rules read, in the order in which they are declared.

    `since` is the day from which each has its value.
    """
    given = {limit.name: limit for limit in limits}
    return [
        {
            "name": known.name,
            "value": given[known.name].value,
            "unit": known.unit,
            "says": {Language.ZH.value: known.zh, Language.EN.value: known.en},
            "source": given[known.name].source,
            "house": given[known.name].house,
            "since": since[known.name].isoformat(),
        }
        for known in REQUIRED
    ]


def decision_json(decision: Decision) -> Json:
    """Return a decision as it stands on the wire, with its words in both languages.

    What a rule in shadow noted is for the operator alone and is left out.
    """
    return {
        "verdict": decision.verdict.value,
        "rule_set": decision.rule_set,
        "rule_pack": decision.rule_pack,
        "findings": [
            finding_json(finding)
            for finding in decision.findings
            if finding.verdict is not Verdict.ALLOW
        ],
    }


def finding_json(finding: Finding) -> Json:
    """Return a finding as it stands on the wire; the citation is None for a rule now unknown."""
    message, fix = _message_and_fix(finding)
    return {
        "rule": finding.rule,
        "topic": finding.topic.value,
        "verdict": finding.verdict.value,
        "code": finding.code,
        "citation": finding_citation(finding),
        "message": message,
        "fix": fix,
        "pointer": finding.pointer,
        "span": None if finding.span is None else list(finding.span),
        "unverifiable": finding.unverifiable,
        "cleared_by": finding.cleared_by,
    }


def _message_and_fix(finding: Finding) -> tuple[dict[str, str], dict[str, str]]:
    zh, en = render(finding, Language.ZH), render(finding, Language.EN)
    return {"zh": zh.message, "en": en.message}, {"zh": zh.fix, "en": en.fix}


def finding_citation(finding: Finding) -> Json | None:
    """Return what a finding rests on; None for a rule of the law that is not known any more.

    An operator's rule says it itself: it may have been changed since, or be gone.
    """
    if finding.rule.startswith(PREFIX):
        basis = str(finding.params.get("basis", ""))
        return citation_json(Citation(OPERATOR_POLICY, basis))
    return None if finding.rule not in _RULES else dict(_citation_of(finding.rule))


@cache
def _citation_of(rule: str) -> Json:
    return rule_citation(_RULES[rule])


def rule_citation(rule: Rule) -> Json:
    """Return what a rule cites, in force since the rule is, marked if it is house policy."""
    return citation_json(rule.citation) | {"in_force": rule.in_force.isoformat()}


def citation_json(citation: Citation) -> Json:
    """Return an instrument and clause; `clause_en` is the same clause as `art. 5(8)`."""
    instrument = citation.instrument
    return {
        "instrument": instrument.title_zh,
        "instrument_en": instrument.title_en,
        "instrument_id": instrument.id,
        "clause": citation.clause,
        "clause_en": clause_in_english(citation.clause),
        "draft_clause": citation.draft_clause,
        "in_force": instrument.in_force.isoformat(),
        "house": instrument.house,
    }


def clause_in_english(text: str) -> str:
    """Write 第五条第（八）项 as `art. 5(8)` and 第四十四条第二款 as `art. 44 para. 2`."""
    match = _CLAUSE.match(text)
    if match is None:
        return text
    article, paragraph, item = (None if one is None else _NUMBERS[one] for one in match.groups())
    written = f"art. {article}"
    if paragraph is not None:
        written += f" para. {paragraph}"
    return written if item is None else f"{written}({item})"


def clause_order(text: str) -> tuple[int, int, int]:
    """Return what sorts clauses as the law has them; what is no article comes first."""
    match = _CLAUSE.match(text)
    if match is None:
        return (0, 0, 0)
    article, paragraph, item = (0 if one is None else _NUMBERS[one] for one in match.groups())
    return (article, paragraph, item)


def _rule_row(rule: Rule) -> Json:
    words = {language: wording(language).rules[rule.id] for language in Language}
    return {
        "id": rule.id,
        "topic": rule.topic.value,
        "on_breach": rule.on_breach.value,
        "house": rule.house,
        "citation": rule_citation(rule),
        "also": [citation_json(citation) for citation in rule.also],
        "repealed": None if rule.repealed is None else rule.repealed.isoformat(),
        "clause": {language.value: text.clause for language, text in words.items()},
        "action": {language.value: text.action for language, text in words.items()},
    }


@cache
def _elsewhere_rows() -> tuple[Json, ...]:
    return tuple(_elsewhere_row(entry) for entry in elsewhere())


def _elsewhere_row(entry: Elsewhere) -> Json:
    return {
        "id": entry.id,
        "placing": entry.placing.value,
        "part": entry.part,
        "rules": list(entry.rules),
        "area": None if entry.area is None else entry.area.value,
        "successor": entry.successor,
        "source": entry.source.value,
        "citation": _duty_citation(entry),
        "duty": _both(entry.duty),
        "where": _both(entry.where),
        "why": None if entry.why is None else _both(entry.why),
    }


def _duty_citation(entry: Elsewhere) -> Json:
    law = entry.law
    return {
        "instrument": law.title[Language.ZH],
        "instrument_en": law.title[Language.EN],
        "instrument_id": law.id,
        "clause": entry.clause,
        "clause_en": entry.clause_en or clause_in_english(entry.clause),
        "draft_clause": entry.draft_clause,
        "in_force": None if law.in_force is None else law.in_force.isoformat(),
        "repealed": None if law.repealed is None else law.repealed.isoformat(),
        "superseded_by": law.superseded_by,
        "house": law.house,
    }


def _law_row(law: Law) -> Json:
    return {
        "id": law.id,
        "title": _both(law.title),
        "in_force": None if law.in_force is None else law.in_force.isoformat(),
        "repealed": None if law.repealed is None else law.repealed.isoformat(),
        "superseded_by": law.superseded_by,
        "binding": law.binding,
        "house": law.house,
        "source": law.source.value,
        "note": None if law.note is None else _both(law.note),
    }


def _both(texts: Mapping[Language, str]) -> dict[str, str]:
    return {language.value: text for language, text in texts.items()}
