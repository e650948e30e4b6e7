"""What holds for every file of the gateway, and for every one that will be added."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from app.commands.test import FOLDERS
from app.settings import Settings

ROOT = Path(__file__).parents[2]
APP = ROOT / "app"
LONGEST = 300

# Each is one file for a reason that a decision in app/README.md gives.
LONGER = {
    "audit/offline_verifier.py",  # the verifier is one file that a stranger can read and run
    "delivery/web_client/popgate-client.js",  # the client is one file that a page includes
}
# Where the environment may be read: the settings, and what runs before or around the gateway.
READS_ENVIRONMENT = {
    "settings.py",
    "environment.py",  # makes the environment before anything of ours can be imported
    "proof/gateway.py",  # hands it on to the gateway that it starts as another process
}


def sources(folder: Path = APP) -> list[Path]:
    """Return our Python files, those of the environment's packages left out."""
    found = folder.rglob("*.py")
    return sorted(path for path in found if not {"node_modules", "output"} & set(path.parts))


def named(path: Path) -> str:
    return path.relative_to(APP).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def calls(name: str) -> set[str]:
    """Return the files in which a method or function of that name is called."""
    return {
        named(path)
        for path in sources()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) == name
    }


def attributes(path: Path, *dotted: str) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in dotted:
            yield ast.unparse(node)
        if isinstance(node, ast.ImportFrom):
            yield from (
                f"{node.module}.{alias.name}"
                for alias in node.names
                if f"{node.module}.{alias.name}" in dotted
            )


def test_a_package_says_in_one_sentence_what_belongs_there_and_nothing_else() -> None:
    for path in sources():
        if path.name == "__init__.py":
            body = tree(path).body
            assert len(body) == 1, path
            assert ast.get_docstring(tree(path)), path
    packages = {path.parent for path in sources() if path.parent != APP}
    assert [folder for folder in packages if not (folder / "__init__.py").exists()] == []


@pytest.mark.parametrize("folder", ["app", "tests", "migrations", "benchmarks"])
def test_every_module_begins_with_a_sentence(folder: str) -> None:
    without = [
        path
        for path in sources(ROOT / folder)
        if not (ast.get_docstring(tree(path)) or "").partition("\n")[0].endswith((".", "。", "?"))
    ]
    assert without == []


def test_every_public_function_says_what_it_does() -> None:
    without = [
        f"{named(path)}: {node.name}"
        for path in sources()
        if not (path.parent.parent == APP / "rules" and path.name.startswith("art"))
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert without == []


def test_no_file_is_longer_than_one_can_take_in() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "app"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    ours = [
        ROOT / name for name in listed if name.endswith((".py", ".js")) and "/demo/" not in name
    ]
    long = {
        named(path)
        for path in ours
        if path.exists() and len(path.read_text("utf-8").splitlines()) > LONGEST
    }
    assert long == LONGER


def test_the_environment_is_read_by_the_settings_alone() -> None:
    found = {
        named(path)
        for path in sources()
        if any(attributes(path, "os.environ", "os.getenv", "os.environb"))
    }
    assert {name for name in found if not name.startswith("commands/")} <= READS_ENVIRONMENT


def test_nobody_but_the_database_door_commits() -> None:
    assert {name for name in calls("commit") if not name.startswith("db/")} == set(COUNTED)


# These commit slots of the counters, which is another word's other meaning.
COUNTED = ["delivery/attempts.py"]


def test_a_table_is_read_and_written_by_its_own_package() -> None:
    for path in sources():
        package = path.relative_to(APP).parts[0]
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(".models"):
                owner = str(node.module).split(".")[1]
                if (named(path), owner) not in JOINS and named(path) != "db/metadata.py":
                    assert owner == package, named(path)


# Whether an image was released is one question to two tables, asked at every download.
JOINS = {("pushes/asset_repository.py", "delivery")}


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_every_setting_stands_in_the_table_of_settings(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    rows = {line.split("|")[1].strip(" `") for line in text.splitlines() if line.startswith("|")}
    settings = {f"GATEWAY_{field.upper()}" for field in Settings.model_fields}
    assert settings - rows == set()
    assert {row for row in rows if row.startswith("GATEWAY_")} - settings == set()


def test_every_setting_says_what_it_means() -> None:
    without = [name for name, field in Settings.model_fields.items() if not field.description]
    assert without == []


def test_every_folder_of_tests_is_run() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    tops = {folder.relative_to(ROOT / "tests").parts[0] for folder in folders}
    assert tops == set(FOLDERS)


def test_every_template_is_used() -> None:
    templates = APP / "console" / "templates"
    code = "".join(path.read_text("utf-8") for path in sources())
    markup = "".join(path.read_text("utf-8") for path in templates.rglob("*.html"))
    unused = [
        name
        for path in sorted(templates.rglob("*.html"))
        if (name := path.relative_to(templates).as_posix()) not in code + markup
    ]
    assert unused == []
