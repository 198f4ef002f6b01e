"""Adapters by name: built-in modules first, then entry points; helpers are no adapters."""

import importlib
import sys
from pathlib import Path

import pytest

from publisher import registry
from publisher.errors import MissingExtra, UnknownAdapter

METADATA = "Metadata-Version: 2.1\nName: {name}\nVersion: 1\n"


@pytest.fixture
def plug(tmp_path: Path, monkeypatch):
    """Install a distribution with one module that stands behind an entry point."""

    def make(kind: str, name: str, source: str) -> None:
        module = f"plugged_{name}"
        (tmp_path / f"{module}.py").write_text(source)
        info = tmp_path / f"{module}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(METADATA.format(name=module))
        (info / "entry_points.txt").write_text(f"[publisher.{kind}]\n{name} = {module}\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        importlib.invalidate_caches()

    yield make
    for name in [name for name in sys.modules if name.startswith("plugged_")]:
        del sys.modules[name]


def test_a_built_in_adapter_is_found_by_its_module():
    module = registry.load("delivery", "maildir")
    assert module.Options().path


def test_an_adapter_of_another_package_is_found_by_its_entry_point(plug):
    plug("delivery", "pigeon", "class Options: ...\ndef create(options, context): ...\n")
    assert registry.load("delivery", "pigeon").create(None, None) is None
    assert "pigeon" in registry.names("delivery")


@pytest.mark.parametrize("name", ["mialdir", "Maildir"])
def test_an_unknown_adapter_is_answered_with_the_nearest(name: str):
    with pytest.raises(UnknownAdapter, match=f'no transport "{name}"; did you mean "maildir"'):
        registry.load("delivery", name)


@pytest.mark.parametrize("name", ["", "os", "/etc/passwd", "__init__", "publisher.cli", "zzz"])
def test_an_unknown_adapter_without_a_near_name_is_answered_with_all(name: str):
    with pytest.raises(UnknownAdapter, match=r"known: .*maildir.*smtp"):
        registry.load("delivery", name)


def test_outlets_and_transports_are_not_mistaken_for_each_other():
    with pytest.raises(UnknownAdapter, match='no outlet "directry"; did you mean "directory"'):
        registry.load("delivery", "outlet_directry")


def test_a_missing_package_is_named_with_the_command_that_installs_it(plug):
    plug("delivery", "extra", "import package_that_is_absent.part\n")
    with pytest.raises(MissingExtra, match="pip install package_that_is_absent"):
        registry.load("delivery", "extra")


def test_a_module_that_is_no_adapter_is_unknown(plug):
    plug("delivery", "hollow", "")
    with pytest.raises(UnknownAdapter):
        registry.load("delivery", "hollow")
