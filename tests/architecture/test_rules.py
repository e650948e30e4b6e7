"""What holds for every rule there is, and for every rule that will be added."""

import ast
import string
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from app.domain.decision import Finding, Topic, Verdict
from app.domain.operator import OperatorMode, OperatorRule
from app.rules.catalogue import CATALOGUE
from app.rules.elsewhere import elsewhere
from app.rules.engine import decide
from app.rules.limits import REQUIRED, problems
from app.rules.rule import Rule
from app.rules.texts import UNKNOWN_CODE, Language, Words, wording
from tests.fixtures.facts import facts_of, limits_of_pack
from tests.fixtures.yaml_files import read_yaml

ROOT = Path(__file__).parents[2]
RULES = ROOT / "app" / "rules"
CASES = ROOT / "tests" / "rules"
KINDS = {"allowed", "breached", "edge", "cannot-tell"}


def rule_files() -> list[Path]:
    """Return the files of the law; the language of operators' rules is no instrument."""
    return sorted(
        path
        for path in RULES.glob("*/*.py")
        if path.name != "__init__.py" and path.parent.name != "operator"
    )


def modules() -> dict[str, Path]:
    return {
        f"app.rules.{path.parent.name}.{path.stem}": path for path in rule_files()
    }  # fmt: skip


def imported(path: Path) -> set[str]:
    """Return the dotted names of what a file imports, `from a import b` as both a and a.b."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return names


def law_of(path: Path) -> dict[str, Any]:
    law: dict[str, Any] = read_yaml(path)
    return law


def laws() -> dict[str, dict[str, Any]]:
    return {law["rule"]: law for law in map(law_of, sorted(CASES.glob("*/*.yaml")))}


def codes_in_source() -> set[str]:
    """Return every code that a rule may yield, read from the calls of Breach and Unverifiable."""
    found: set[str] = set()
    for path in RULES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if not named or node.func.id not in {"Breach", "Unverifiable"}:  # type: ignore[attr-defined]
                continue
            code = node.args[0]  # type: ignore[attr-defined]
            if isinstance(code, ast.Constant):
                found.add(str(code.value))
            else:
                assert isinstance(code, ast.Name), f"{path}: a code is written out"
                assert code.id == "RULE_FAILED", f"{path}: a code is written out"
    return found | {"rule-failed"}


@cache
def found_by_cases() -> list[tuple[str, str, dict[str, object]]]:
    """Return rule, code and parameters of every finding of every law case."""
    return list(_found_by_cases())


def _found_by_cases() -> Iterator[tuple[str, str, dict[str, object]]]:
    rules = {rule.id: rule for rule in CATALOGUE}
    for rule, law in laws().items():
        for case in law["cases"]:
            facts = facts_of(case.get("base", law["base"]), case.get("set", {}))
            for finding in decide(facts, [rules[rule]]).findings:
                yield finding.rule, finding.code, dict(finding.params)
    for finding in findings_of_operators():
        yield finding.rule, finding.code, dict(finding.params)


def findings_of_operators() -> Iterator[Finding]:
    """Yield what rules of an operator find: one that applies, and one that cannot tell."""
    facts = facts_of("news", {"surface": {"unknown_reason": "gone", "outage": True}})
    rule = OperatorRule(
        "operator-01", "规则", "Rule", 'kind == "news"', Topic.FREQUENCY, Verdict.HOLD,
        OperatorMode.ENFORCE, "通知", "提示", "Message", "办法", "Fix",
    )  # fmt: skip
    unsure = replace(rule, condition='surface.name == "a"')
    for one in (rule, unsure):
        findings = decide(replace(facts, operator_rules=(one,))).findings
        yield from (finding for finding in findings if finding.rule == rule.id)


def test_every_rule_file_stands_in_the_catalogue_once() -> None:
    catalogue = ast.parse((RULES / "catalogue.py").read_text(encoding="utf-8"))
    listed = [
        node.value.id
        for node in ast.walk(catalogue)
        if isinstance(node, ast.Attribute)
        and node.attr == "RULE"
        and isinstance(node.value, ast.Name)
    ]
    assert sorted(listed) == sorted(path.stem for path in rule_files())
    assert len(listed) == len(CATALOGUE)


def test_rule_ids_are_unique() -> None:
    ids = [rule.id for rule in CATALOGUE] + [entry.id for entry in elsewhere()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("module", modules())
def test_a_rule_file_imports_no_other_rule_file(module: str) -> None:
    assert not imported(modules()[module]) & (set(modules()) - {module})


@pytest.mark.parametrize("path", sorted(RULES.rglob("*.py")), ids=lambda path: path.stem)
def test_the_law_imports_only_the_vocabulary_and_the_standard_library(path: Path) -> None:
    for name in imported(path):
        top = name.split(".")[0]
        # Of what is not ours only the expressions in linear time, and in one file alone.
        linear = top == "re2" and path == RULES / "operator" / "searches.py"
        ours = name.startswith(("app.domain", "app.rules"))
        assert ours or linear or top in sys.stdlib_module_names, name


@pytest.mark.parametrize("path", rule_files(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_each_rule_file_has_its_law_cases(path: Path) -> None:
    law = law_of(CASES / path.parent.name / f"{path.stem}.yaml")
    source = path.read_text(encoding="utf-8")
    assert f'id="{law["rule"]}"' in source
    kinds = {case["kind"] for case in law["cases"]}
    assert kinds <= KINDS
    wanted = KINDS - {"cannot-tell"} if law.get("never_in_doubt") else KINDS
    assert kinds >= wanted, f"{path.stem}: no case is {wanted - kinds}"


def test_no_law_case_is_without_a_rule() -> None:
    assert set(laws()) == {rule.id for rule in CATALOGUE}


def test_every_code_is_found_by_a_law_case() -> None:
    assert codes_in_source() == {code for _, code, _ in found_by_cases()}


@pytest.mark.parametrize("language", Language)
def test_every_finding_has_words_that_its_parameters_fill(language: Language) -> None:
    known = wording(language)
    for rule, code, params in found_by_cases():
        words = known.codes.get((rule, code)) or known.shared.get(code)
        assert words is not None, f"{language}: no words for {rule} {code}"
        for text in (words.message, words.fix):
            assert text.strip()
            names = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
            assert names <= set(params), f"{language}: {rule} {code} has no {names - set(params)}"


def test_the_words_of_both_languages_name_the_same_parameters() -> None:
    chinese, english = (wording(language) for language in (Language.ZH, Language.EN))
    assert chinese.codes.keys() == english.codes.keys()
    assert chinese.shared.keys() == english.shared.keys()
    pairs = [(words, english.codes[key]) for key, words in chinese.codes.items()]
    pairs += [(words, english.shared[key]) for key, words in chinese.shared.items()]
    for zh, en in pairs:
        assert _placeholders(zh) == _placeholders(en), (zh, en)


def _placeholders(words: Words) -> set[str]:
    """Return the parameters; one that comes in each language counts as the same in both."""
    parsed = string.Formatter().parse(words.message + words.fix)
    names = {name for _, name, _, _ in parsed if name is not None}
    return {name.removesuffix("_zh").removesuffix("_en") for name in names}


@pytest.mark.parametrize("language", Language)
def test_every_rule_has_words_and_none_is_left_over(language: Language) -> None:
    known = wording(language)
    assert known.rules.keys() == {rule.id for rule in CATALOGUE}
    written = [asdict(words) for words in known.rules.values()]
    assert all(text.strip() for words in written for text in words.values())
    assert {rule for rule, _ in known.codes} <= known.rules.keys()
    used = {(rule, code) for rule, code, _ in found_by_cases()}
    assert known.codes.keys() <= used, "words that no finding uses"
    assert known.shared.keys() - {UNKNOWN_CODE} <= {code for _, code in used}


@pytest.mark.parametrize("language", Language)
def test_the_two_languages_are_not_mixed_up(language: Language) -> None:
    texts = [words.clause for words in wording(language).rules.values()]
    # An English text may quote 广告, the mark that the law asks for; it is not written in Chinese.
    chinese = sum(2 * sum("一" <= char <= "鿿" for char in text) > len(text) for text in texts)
    assert chinese == (len(texts) if language is Language.ZH else 0)


def test_the_import_contract_names_the_package_of_every_instrument() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = pyproject["tool"]["importlinter"]["contracts"]
    strangers = next(one for one in contracts if one["id"] == "strangers")["modules"]
    assert set(strangers) == {f"app.rules.{path.parent.name}.*" for path in rule_files()}


def test_what_stands_elsewhere_names_a_package_of_the_ladder() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = pyproject["tool"]["importlinter"]["contracts"]
    layers = " ".join(next(one for one in contracts if one["id"] == "ladder")["layers"])
    packages = set(layers.replace("|", " ").replace("(", " ").replace(")", " ").split())
    for entry in elsewhere():
        assert entry.part is None or entry.part in packages, entry.id


def test_the_shipped_rule_pack_has_every_limit_with_its_source() -> None:
    assert problems(limits_of_pack()) == ()
    assert len(REQUIRED) == len(limits_of_pack())


@pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.id)
def test_a_rule_is_not_older_than_what_it_cites(rule: Rule) -> None:
    assert rule.in_force >= rule.citation.instrument.in_force


@pytest.mark.parametrize("path", rule_files(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_rule_holds_no_measure_of_its_own(path: Path) -> None:
    """Numbers stand in the rule pack; 0 and 1 are words (none, one), clauses are citations."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    compared = [
        operand.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        for operand in (node.left, *node.comparators)
        if isinstance(operand, ast.Constant) and isinstance(operand.value, int | float)
    ]
    assert set(compared) <= {0, 1}
