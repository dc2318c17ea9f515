"""The house rules that no linter knows (仓库规矩): locks, sizes, paths, targets, templates."""

import ast
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest
from jinja2 import nodes
from jinja2.sandbox import SandboxedEnvironment

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")
LARGEST_BYTES = 400_000
LARGER_FILES: dict[str, str] = {}  # path: why it may be larger
TARGETS = {"setup", "run", "test", "sure", "shots", "bench", "demo-full", "lock", "fmt", "clean"}
FREE_INSIDE = {"core"}  # groundwork has module names of its own
HOME_PATH = re.compile(r"(?<![\w.$~<>-])/(?:home|root|work|Users)/(?!\.\.\.)[\w.-]+")
INLINE_STYLE = re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE)
INLINE_SCRIPT = re.compile(r"<script\b(?![^>]*\ssrc\s*=)", re.IGNORECASE)
INLINE_HANDLER = re.compile(r"<[^>]*\son[a-z]+\s*=(?!=)", re.IGNORECASE)
JINJA = SandboxedEnvironment(
    extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"]
)


@cache
def tracked() -> tuple[str, ...]:
    """Files that git has or is about to have."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return tuple(name for name in done.stdout.split("\0") if name and (ROOT / name).is_file())


def files(pattern: str) -> list[str]:
    return [name for name in tracked() if re.search(pattern, name)]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def dependencies() -> dict[str, list[str]]:
    """Direct dependencies by purpose, as written in pyproject.toml."""
    table = tomllib.loads(read("pyproject.toml"))
    return {"run": table["project"]["dependencies"], **table["dependency-groups"]}


def package(requirement: str) -> str:
    return re.split(r"[\[=<>~! ;]", requirement)[0]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host_and_every_line_has_a_hash(lock: str) -> None:
    text = read(lock)

    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)
    pins = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert [pin for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


def test_the_dev_lock_contains_the_run_lock_whole() -> None:
    run, dev = ({line for line in read(lock).splitlines() if "==" in line} for lock in LOCKS)

    assert run - dev == set()


@pytest.mark.parametrize(("purpose", "lock"), [("run", LOCKS[0]), ("dev", LOCKS[1])])
def test_every_direct_dependency_is_pinned_and_locked_so(purpose: str, lock: str) -> None:
    locked = set(re.findall(r"^([\w.-]+==[^ ;\\]+)", read(lock), re.MULTILINE))
    wanted = {re.sub(r"\[.*?\]", "", requirement) for requirement in dependencies()[purpose]}

    assert wanted - locked == set()


def test_every_direct_dependency_has_its_reason() -> None:
    reasons = set(re.findall(r"^\| ([\w-]+) \|", read("docs/dependencies.md"), re.MULTILINE))
    direct = {package(one) for group in dependencies().values() for one in group}

    assert reasons - {"package"} == direct


def test_no_file_is_large() -> None:
    large = {name for name in tracked() if (ROOT / name).stat().st_size > LARGEST_BYTES}

    assert large == set(LARGER_FILES)


def test_no_file_knows_one_machine() -> None:
    found = []
    for name in tracked():
        try:
            text = read(name)
        except UnicodeDecodeError:
            continue
        found += [f"{name}: {path}" for path in HOME_PATH.findall(text)]

    assert found == []


def test_the_makefile_offers_what_others_build_on() -> None:
    documented = set(re.findall(r"^([a-z-]+):.*  ## ", read("Makefile"), re.MULTILINE))

    assert TARGETS - documented == set()


@pytest.mark.parametrize("name", files(r"^(app/.*|config|wsgi)\.py$") or ["app/__init__.py"])
def test_a_module_opens_with_one_line_that_says_what_it_is(name: str) -> None:
    docstring = ast.get_docstring(ast.parse(read(name)))

    assert docstring, f"{name} has no docstring"


def test_the_inside_of_every_feature_is_under_contract() -> None:
    contracts = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    inside = next(one for one in contracts if one["name"] == "Inside a feature")["containers"]
    features = {name.split("/")[1] for name in files(r"^app/[^/]+/.*\.py$")}

    assert {f"app.{feature}" for feature in features - FREE_INSIDE} - set(inside) == set()


TEMPLATES = files(r"^templates/.*\.(html|txt|xml|svg|j2|jinja)$")
needs_templates = pytest.mark.skipif(not TEMPLATES, reason="no template yet")


@needs_templates
@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_trusts_no_text(name: str) -> None:
    tree = JINJA.parse(read(name))

    assert [one.lineno for one in tree.find_all(nodes.Filter) if one.name == "safe"] == []
    assert [one.lineno for one in tree.find_all(nodes.ScopedEvalContextModifier)] == []


@needs_templates
@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_uses_what_it_imports(name: str) -> None:
    tree = JINJA.parse(read(name))
    imported = {
        one[1] if isinstance(one, tuple) else one
        for statement in tree.find_all(nodes.FromImport)
        for one in statement.names
    } | {statement.target for statement in tree.find_all(nodes.Import)}
    used = {one.name for one in tree.find_all(nodes.Name) if one.ctx == "load"}

    assert imported - used == set()


@needs_templates
@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.endswith(".html")])
def test_a_template_has_no_inline_style_or_script(name: str) -> None:
    text = re.sub(r"\{#.*?#\}", "", read(name), flags=re.DOTALL)

    assert INLINE_STYLE.findall(text) == []
    assert INLINE_SCRIPT.findall(text) == []
    assert INLINE_HANDLER.findall(text) == []
