"""The budgets of the code: size, complexity, types, docstrings, mocks; exceptions have reasons."""

import ast
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "publisher"

MODULE_MEDIAN, MODULE_P90, MODULE_MAX = 150, 300, 500
FUNCTION_P90, FUNCTION_MAX = 30, 60
MOCKS_PER_1000 = 0.2
IGNORES_PER_1000 = 1

# A budget may be exceeded only here, each with its reason.
LONG_MODULES: dict[str, str] = {}
LONG_FUNCTIONS: dict[str, str] = {}

type_of_function = ast.FunctionDef | ast.AsyncFunctionDef


def modules() -> list[Path]:
    """Every module of the package that holds something."""
    found = sorted(PACKAGE.rglob("*.py"))
    return [path for path in found if len(path.read_text().splitlines()) > 3]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[tuple[str, type_of_function]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, type_of_function):
            yield f"{name_of(path)}:{node.lineno} {node.name}", node


def length(node: type_of_function) -> int:
    """Lines from `def` to the last one, docstring included, decorators not."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def p90(values: list[int]) -> int:
    return sorted(values)[int(len(values) * 0.9)] if values else 0


def test_modules_are_short():
    sizes = {name_of(path): len(path.read_text().splitlines()) for path in modules()}
    assert statistics.median(sizes.values()) <= MODULE_MEDIAN
    assert p90(list(sizes.values())) <= MODULE_P90
    long = {name: size for name, size in sizes.items() if size > MODULE_MAX}
    assert long.keys() <= LONG_MODULES.keys(), long


def test_functions_are_short():
    sizes = {name: length(node) for path in modules() for name, node in functions(path)}
    assert p90(list(sizes.values())) <= FUNCTION_P90
    long = {name: size for name, size in sizes.items() if size > FUNCTION_MAX}
    assert {name.split(" ")[-1] for name in long} <= LONG_FUNCTIONS.keys(), long


def test_complexity_stays_low_without_exceptions():
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent))
    if ruff is None:
        pytest.skip("ruff is not installed beside this Python")
    command = [ruff, "check", "--no-cache", "--ignore-noqa", "--select", "C901", str(PACKAGE)]
    found = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert found.returncode == 0, found.stdout


def unannotated(node: type_of_function) -> bool:
    plain = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    named = [argument for argument in plain if argument.arg not in {"self", "cls"}]
    starred = [argument for argument in (node.args.vararg, node.args.kwarg) if argument]
    return node.returns is None or any(item.annotation is None for item in [*named, *starred])


def test_everything_is_typed():
    bare = [name for path in modules() for name, node in functions(path) if unannotated(node)]
    assert not bare


def is_overload(node: ast.AST) -> bool:
    decorators = getattr(node, "decorator_list", [])
    return any(getattr(item, "id", getattr(item, "attr", "")) == "overload" for item in decorators)


def undocumented(path: Path) -> Iterator[str]:
    """Public modules, classes, functions and methods without a docstring."""

    def visit(owner: ast.Module | ast.ClassDef, prefix: str) -> Iterator[str]:
        if ast.get_docstring(owner) is None:
            yield prefix
        for node in owner.body:
            name = getattr(node, "name", "_")
            if name.startswith("_") or is_overload(node):
                continue
            if isinstance(node, ast.ClassDef):
                yield from visit(node, f"{prefix} {name}")
            elif isinstance(node, type_of_function) and ast.get_docstring(node) is None:
                yield f"{prefix} {name}"

    yield from visit(ast.parse(path.read_text()), name_of(path))


def test_public_things_have_docstrings():
    exempt = PACKAGE / "store" / "migrations" / "versions"
    bare = [item for path in modules() if path.parent != exempt for item in undocumented(path)]
    assert not bare


def is_mock(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any("mock" in alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return "mock" in (node.module or "") or any(a.name == "mock" for a in node.names)
    if isinstance(node, ast.Attribute):
        owner = getattr(node.value, "id", "")
        return (owner, node.attr) == ("monkeypatch", "setattr") or owner == "mocker"
    return False


def test_tests_use_fakes_not_mocks():
    texts = {path: path.read_text() for path in sorted((ROOT / "tests").rglob("*.py"))}
    lines = sum(len(text.splitlines()) for text in texts.values())
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path, text in texts.items()
        for node in ast.walk(ast.parse(text))
        if is_mock(node)
    ]
    assert len(found) <= MOCKS_PER_1000 * lines / 1000, found


def test_type_ignores_are_few_and_carry_a_code_and_a_reason():
    lines = [(path, line) for path in modules() for line in path.read_text().splitlines()]
    ignores = [(name_of(path), line) for path, line in lines if "type: ignore" in line]
    good = re.compile(r"# type: ignore\[[a-z, -]+\]  # \w")
    assert not [item for item in ignores if not good.search(item[1])]
    assert len(ignores) <= max(1, IGNORES_PER_1000 * len(lines) / 1000), ignores


def test_lint_exceptions_carry_a_code_and_a_reason():
    good = re.compile(r"# noqa: [A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)* .*\w")
    bare = [
        f"{name_of(path)}:{number}"
        for path in modules()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if "# noqa" in line and not good.search(line)
    ]
    assert not bare
