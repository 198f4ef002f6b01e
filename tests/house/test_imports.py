"""Import stays cheap, and the inner layers know the standard library only."""

import ast
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PURE = ("errors.py", "ports", "model", "core")


def third_parties(statement: str) -> set[str]:
    """Top-level names, not of the standard library, that a fresh Python loads for `statement`."""
    program = f"""
import json, sys
before = set(sys.modules)
{statement}
print("LOADED " + json.dumps(sorted({{m.partition(".")[0] for m in set(sys.modules) - before}})))
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    line = next(line for line in done.stdout.splitlines() if line.startswith("LOADED "))
    loaded = set(json.loads(line.removeprefix("LOADED ")))
    return {name for name in loaded - sys.stdlib_module_names if name != "publisher"}


def test_importing_the_package_loads_no_third_party():
    assert third_parties("import publisher") == set()


def test_the_inner_layers_load_no_third_party():
    assert third_parties("import publisher.ports, publisher.model, publisher.errors") == set()


def test_help_loads_only_click():
    if importlib.util.find_spec("publisher.__main__") is None:
        pytest.skip("the command line does not exist yet")
    loaded = third_parties("""
sys.argv = ["publisher", "--help"]
from publisher.__main__ import main
try:
    main()
except SystemExit as end:
    assert not end.code
""")
    assert loaded <= {"click"}


def imported(path: Path) -> set[str]:
    """Top-level names of everything a module imports, wherever in it the import stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
    return names


def test_model_ports_and_core_are_written_in_the_standard_library():
    roots = [ROOT / "publisher" / name for name in PURE]
    files = [path for root in roots for path in ([root] if root.is_file() else root.rglob("*.py"))]
    foreign = {
        path.relative_to(ROOT).as_posix(): extra
        for path in files
        if (extra := imported(path) - sys.stdlib_module_names - {"publisher"})
    }
    assert files
    assert not foreign


def test_the_public_names_exist():
    import publisher

    assert all(hasattr(publisher, name) for name in publisher.__all__)
    assert publisher.__all__ == sorted(publisher.__all__)
