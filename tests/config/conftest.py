"""A small publication that tests change in one place, and adapters that are not the real ones."""

import textwrap
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Literal

import msgspec
import pytest

from publisher import config
from publisher.errors import DefinitionError, UnknownAdapter
from publisher.model.definitions import Definitions
from publisher.registry import did_you_mean


class Folder(msgspec.Struct, frozen=True, kw_only=True):
    path: str


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    url: str
    push: bool = True
    fetch_full_text: bool = False


class Maildir(msgspec.Struct, frozen=True, kw_only=True):
    path: str = "var/outbox"


class Domain(msgspec.Struct, frozen=True, kw_only=True):
    per_second: float = 1


class Smtp(msgspec.Struct, frozen=True, kw_only=True):
    host: str
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 587
    security: Literal["starttls", "implicit", "none"] = "starttls"
    username: str = ""
    password: str = ""
    domains: dict[str, Domain] = {}


class Nothing(msgspec.Struct, frozen=True, kw_only=True):
    pass


ADAPTERS = {
    ("sources", "folder"): Folder,
    ("sources", "feed"): Feed,
    ("delivery", "maildir"): Maildir,
    ("delivery", "smtp"): Smtp,
    ("delivery", "outlet_s3"): Maildir,
    ("formats", "rss"): Nothing,
    ("formats", "atom"): Nothing,
    ("formats", "json"): Nothing,
}


def find(kind: str, name: str) -> SimpleNamespace:
    if (kind, name) not in ADAPTERS:
        known = [other for place, other in ADAPTERS if place == kind]
        raise UnknownAdapter("", f'there is no {kind} "{name}"{did_you_mean(name, known)}')
    return SimpleNamespace(Options=ADAPTERS[kind, name], create=None)


PUBLICATION = """
    [publication]
    title = "The Harbour Gazette"
    url = "https://gazette.example"
    timezone = "Europe/Berlin"
"""
FEED = """
    title = "Harbour news"
    [[sources]]
    type = "folder"
    path = "articles/harbour"
"""
SCHEDULE = """
    action = "digest"
    when = "every weekday at 07:30"
"""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[dict[str, str]], Path]:
    """Write a small valid publication, some of its files replaced; "" leaves one out."""

    def make(files: dict[str, str]) -> Path:
        whole = {
            "publisher.toml": PUBLICATION,
            "feeds/harbour.toml": FEED,
            "schedules/morning.toml": SCHEDULE,
        } | files
        for name, text in whole.items():
            if text:
                path = tmp_path / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(textwrap.dedent(text), encoding="utf-8")
        return tmp_path

    return make


@pytest.fixture
def load(write: Callable[[dict[str, str]], Path]) -> Callable[..., Definitions]:
    """Load a small publication with some files replaced."""

    def make(**files: str) -> Definitions:
        named = {"publication": "publisher.toml", "feed": "feeds/harbour.toml"}
        named["schedule"] = "schedules/morning.toml"
        named["other"] = "feeds/other.toml"
        return config.load(write({named[key]: text for key, text in files.items()}), find=find)

    return make


@pytest.fixture
def mistakes(load: Callable[..., Definitions]) -> Callable[..., list[str]]:
    """Return every mistake of a publication, one line each."""

    def make(**files: str) -> list[str]:
        with pytest.raises(DefinitionError) as caught:
            load(**files)
        return [str(problem) for problem in caught.value.problems]

    return make


@pytest.fixture
def finder() -> Callable[[str, str], SimpleNamespace]:
    """The look-up of the adapters above."""
    return find
