"""Reads the values operators write: durations, slugs, addresses, time zones, references.

Serves the rest of config. Pure, but for `Reference.get`, which reads the environment or a file
when the value is needed.
"""

import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from email.utils import parseaddr
from functools import lru_cache
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from publisher.core.selecting import READERS
from publisher.errors import ConfigError
from publisher.kit.expressions import compiled
from publisher.kit.podcast_categories import CATEGORIES
from publisher.model.definitions import Expression, Quiet
from publisher.registry import did_you_mean, nearest

SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*\Z")
LONGEST_SLUG = 64
LAST_PORT = 65_535
DURATION = re.compile(r"(?:[0-9]+[smhdw])+\Z")
DURATION_PART = re.compile(r"([0-9]+)([smhdw])")
SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
LONGEST_DURATION = timedelta(days=3_660)
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*\Z")
SELECTOR = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?\Z")
EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+\Z")
HOURS = re.compile(r"(?P<begins>[0-9]{2}:[0-9]{2})\s*[-–]\s*(?P<ends>[0-9]{2}:[0-9]{2})\Z")
RULE = re.compile(r"(?P<field>[a-z_]+):\S")
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}\Z")
FONTS = re.compile(r"[\w -]+(?:, *[\w -]+)*\Z")
PICTURE = re.compile(r"[\w-][\w./-]*\.(?:png|jpe?g|gif)\Z", re.IGNORECASE)
COVER = re.compile(r"\.(?:png|jpe?g)\Z", re.IGNORECASE)
STORES = ("sqlite", "postgresql", "postgresql+psycopg")


class Secret(str):
    """Text that came from the environment or a file: it is used, but never shown by `repr`."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return a mask instead of the text."""
        return "'…'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """`{ env = "NAME" }` or `{ file = "path" }` as written, not yet looked up."""

    kind: str
    name: str
    file: str
    key: str
    root: Path = field(repr=False)

    def __str__(self) -> str:
        """Return it as the operator wrote it; the value itself is never shown."""
        return f'{{ {self.kind} = "{self.name}" }}'

    @property
    def where(self) -> str:
        """Return `file: key`."""
        return f"{self.file}: {self.key}"

    def get(self) -> Secret:
        """Look the value up; one line end after a file's text is dropped. Raises ConfigError."""
        if self.kind == "env":
            value = os.environ.get(self.name)
            if value is None:
                raise ConfigError(self.where, f"the environment variable {self.name} is not set")
            return Secret(value)
        try:
            text = (self.root / self.name).read_text("utf-8")
        except OSError as error:
            reason = f"cannot read {self.name} ({error.strerror})"
            raise ConfigError(self.where, reason) from error
        except UnicodeDecodeError as error:
            raise ConfigError(self.where, f"{self.name} is not UTF-8 text") from error
        return Secret(text.removesuffix("\n").removesuffix("\r"))


def refer(value: object, file: str, key: str, root: Path) -> object:
    """Return a TOML value with every `{ env }` and `{ file }` in it replaced by a Reference."""
    if isinstance(value, list):
        return [refer(item, file, f"{key}[{index}]", root) for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((kind, name),) = value.items()
        if kind in {"env", "file"} and isinstance(name, str) and key:
            return Reference(kind=kind, name=name, file=file, key=key, root=root)
    return {name: refer(item, file, join(key, name), root) for name, item in value.items()}


def settle(value: object) -> object:
    """Return a value with every Reference in it looked up. Raises ConfigError."""
    if isinstance(value, Reference):
        return value.get()
    if isinstance(value, Mapping):
        return {key: settle(item) for key, item in value.items()}
    return [settle(item) for item in value] if isinstance(value, list) else value


def join(path: str, key: str) -> str:
    """Return the dotted path of a key; what is no bare TOML key is quoted, as in TOML."""
    bare = key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else f'"{key}"'
    return f"{path}.{bare}" if path else bare


# One function per kind of text. Each returns what the text means, or raises ValueError with what
# is wrong in words that finish the line `file: key: `.


def duration(text: str) -> timedelta:
    """Read `90s`, `15m`, `6h`, `1d`, `2w`, also joined: `1h30m`."""
    if not DURATION.match(text):
        raise ValueError(f'"{text}" is no duration; write for example 90s, 15m, 6h or 1d')
    parts = DURATION_PART.findall(text)
    seconds = sum(int(number) * SECONDS[unit] for number, unit in parts)
    if seconds > LONGEST_DURATION.total_seconds():
        raise ValueError(f'"{text}" is longer than ten years')
    return timedelta(seconds=seconds)


def every(text: str) -> timedelta | None:
    """Read how often a source is looked at; None means that the source's own pace decides."""
    if text == "adaptive":
        return None
    found = duration(text)
    if found < timedelta(minutes=1):
        raise ValueError(f'"{text}" is too often for a source; one minute is the least')
    return found


def slug(text: str) -> str:
    """Read a name that stands in addresses and file names."""
    if not SLUG.match(text) or len(text) > LONGEST_SLUG:
        rule = "a slug is made of a-z, 0-9 and single hyphens, at most 64 characters"
        guess = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:LONGEST_SLUG]
        raise ValueError(f'"{text}": {rule}' + (f'; try "{guess}"' if guess else ""))
    return text


def zone(text: str) -> str:
    """Read an IANA time zone."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'there is no time zone "{text}"{_zone_guess(text)}') from None
    return text


def schedule_zone(text: str) -> str:
    """Read an IANA time zone, or `subscriber`: each reader's own."""
    return text if text == "subscriber" else zone(text)


def language(text: str) -> str:
    """Read a BCP 47 tag such as `en` or `pt-BR`."""
    if text and not LANGUAGE.match(text):
        raise ValueError(f'"{text}" is no language tag; write for example en, de or pt-BR')
    return text


def web_address(text: str) -> str:
    """Read an http or https address; "" stays."""
    if text:
        _http(text)
    return text


def base_address(text: str) -> str:
    """Read the public base of all addresses; it gets its closing slash."""
    _http(text)
    if "?" in text or "#" in text:
        raise ValueError(f'"{text}" may have a path, but no query and no fragment')
    return text if text.endswith("/") else f"{text}/"


def email(text: str) -> str:
    """Read a bare mail address; "" stays."""
    if text and not EMAIL.match(text):
        raise ValueError(f'"{text}" is no mail address')
    return text


def domain(text: str) -> str:
    """Read the name of a domain; "" stays."""
    if text and ("." not in text or not EMAIL.match(f"x@{text}")):
        raise ValueError(f'"{text}" is no domain; write for example gazette.example')
    return text


def css_selector(text: str) -> str:
    """Read a CSS selector, or `selector@attribute`; "" is none."""
    if text:
        from publisher.kit.css import compiled  # noqa: PLC0415 - only who has such a source pays for it

        compiled(text)
    return text


def selector(text: str) -> str:
    """Read a selector of DKIM: labels of a host name."""
    if not all(SELECTOR.match(label) for label in text.split(".")):
        raise ValueError(f'"{text}" is no selector; write for example s1')
    return text


def mailbox(text: str) -> str:
    """Read `Name <address>` or a bare address; "" stays."""
    if text and (not text.isprintable() or not EMAIL.match(parseaddr(text)[1])):
        raise ValueError(f'"{text}" is no sender; write Name <address@example.org>')
    return text


def bind(text: str) -> str:
    """Read `host:port`; an IPv6 host stands in brackets."""
    host, _, port = text.rpartition(":")
    number = int(port) if port.isascii() and port.isdigit() else -1
    if not host or not 0 <= number <= LAST_PORT or (":" in host) != host.startswith("["):
        raise ValueError(f'"{text}" is no place to listen; write for example 127.0.0.1:8080')
    return text


def network(text: str) -> str:
    """Read an IP address or a network such as 10.0.0.0/8."""
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f'"{text}" is no IP address and no network') from None
    return text


def store_address(text: str) -> str:
    """Read where the store lies: SQLite's file or a PostgreSQL database."""
    scheme, mark, rest = text.partition("://")
    if scheme not in STORES or not mark:
        guess = '; did you mean "postgresql://"?' if scheme == "postgres" else ""
        raise ValueError(f"a store is sqlite:///PATH or postgresql://USER@HOST/DATABASE{guess}")
    if scheme == "sqlite" and not rest.startswith("/"):
        raise ValueError("a path follows three slashes: sqlite:///var/publisher.db")
    return text


def day(text: str) -> date:
    """Read `2026-12-24`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is no date; write for example 2026-12-24') from None


def days(text: str) -> tuple[date, date]:
    """Read `2026-12-27..2027-01-02`, both ends included."""
    first, dots, last = text.partition("..")
    if not dots:
        raise ValueError(f'"{text}" is no range of dates; write 2026-12-27..2027-01-02')
    found = (day(first.strip()), day(last.strip()))
    if found[0] > found[1]:
        raise ValueError(f'"{text}" ends before it begins')
    return found


def hours(text: str) -> Quiet | None:
    """Read `22:00-07:00`, which may cross midnight; "" means none."""
    if not text.strip():
        return None
    found = HOURS.match(text.strip())
    if not found:
        raise ValueError(f'"{text}" are no hours; write for example 22:00-07:00')
    try:
        begins, ends = time.fromisoformat(found["begins"]), time.fromisoformat(found["ends"])
    except ValueError:
        raise ValueError(f'"{text}": a day has the hours 00:00 to 23:59') from None
    if begins == ends:
        raise ValueError(f'"{text}" ends when it begins; leave it empty for no quiet hours')
    return Quiet(begins=begins, ends=ends)


def rule(text: str) -> Expression | None:
    """Read a selection rule: `field:value`, `field:~regular expression`, or words.

    Returns what a rule with a `~` searches for, compiled.
    """
    if not text.strip():
        raise ValueError("an empty rule selects nothing")
    found = RULE.match(text)
    if found and found["field"] not in READERS:
        guess = did_you_mean(found["field"], READERS) or f" (known: {', '.join(READERS)})"
        raise ValueError(f'"{text}": there is no field "{found["field"]}"{guess}')
    field, _, wanted = text.partition(":")
    if field not in READERS or not wanted.startswith("~"):
        return None
    if wanted == "~":
        raise ValueError(f'"{text}": an empty expression finds everything')
    try:
        return compiled(wanted[1:])
    except ValueError as error:
        raise ValueError(f'"{text}": the regular expression is wrong: {error}') from None


def filled(text: str) -> str:
    """Read text that must not be empty."""
    if not text.strip():
        raise ValueError("must not be empty")
    return text


def colour(text: str) -> str:
    """Read a colour: six hexadecimal digits, as every mail program understands them."""
    if not COLOUR.match(text):
        raise ValueError(f'"{text}" is no colour; write it as #8a1c1c')
    return text


def fonts(text: str) -> str:
    """Read families, parted by commas: they go into style sheets, so nothing else may be in them."""
    if not FONTS.match(text):
        raise ValueError(f'"{text}" is no list of fonts; write for example Georgia, Times, serif')
    return text


def picture(text: str) -> str:
    """Read the address of a picture, or its path in the publication's folder."""
    if text.startswith(("https://", "http://")):
        return web_address(text)
    if not PICTURE.match(text) or ".." in text:
        raise ValueError(f'"{text}" is no picture; name a PNG, JPEG or GIF file, or its address')
    return text


def cover(text: str) -> str:
    """Read a podcast's cover: directories take PNG and JPEG only, and know them by the name."""
    if not COVER.search(picture(text).partition("?")[0]):
        raise ValueError(f'"{text}" is no cover; directories take PNG and JPEG (.png, .jpg)')
    return text


def podcast_category(text: str) -> tuple[str, str]:
    """Read one of Apple's categories, `News`, or one within it, `News: Daily News`."""
    name, _, inner = (part.strip() for part in text.partition(":"))
    if name not in CATEGORIES:
        guess = did_you_mean(name, CATEGORIES) or f" (known: {', '.join(CATEGORIES)})"
        raise ValueError(f'there is no podcast category "{name}"{guess}')
    within = CATEGORIES[name]
    if inner and inner not in within:
        known = ", ".join(sorted(within)) or "none"
        guess = did_you_mean(inner, within) or f" (known: {known})"
        raise ValueError(f'"{name}" has no category "{inner}" within it{guess}')
    return name, inner


def uuid(text: str) -> UUID:
    """Read a UUID in its usual form."""
    try:
        found = UUID(text)
    except ValueError:
        found = None
    if found is None or str(found) != text.lower():
        raise ValueError(f'"{text}" is no UUID, such as 917393e3-1b1e-5cef-ace4-edaa54e1f810')
    return found


KINDS: Mapping[str, Callable[[str], object]] = {
    "duration": duration,
    "every": every,
    "slug": slug,
    "time zone": zone,
    "time zone or subscriber": schedule_zone,
    "language": language,
    "web address": web_address,
    "base address": base_address,
    "mail address": email,
    "sender": mailbox,
    "domain": domain,
    "selector": selector,
    "css selector": css_selector,
    "host:port": bind,
    "network": network,
    "store address": store_address,
    "dates": days,
    "hours": hours,
    "rule": rule,
    "colour": colour,
    "fonts": fonts,
    "picture": picture,
    "cover": cover,
    "podcast category": podcast_category,
    "UUID": uuid,
    "text that is not empty": filled,
}


def _http(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
        parts = urlsplit("")
    if not good or re.search(r"[\s<>\"]", text):
        raise ValueError(f'"{text}" is no web address; it starts with https:// or http://')
    return parts


@lru_cache(maxsize=1)
def _zones() -> tuple[str, ...]:
    """Return every zone of the machine's table; looking costs a walk through its files."""
    return tuple(sorted(available_timezones()))


def _zone_guess(text: str) -> str:
    """Return a did-you-mean for a time zone, also by its last part (`Berlin`)."""
    zones = _zones()
    cities = {name.rpartition("/")[2]: name for name in zones if "/" in name}
    city = nearest(text.rpartition("/")[2], cities)
    if not nearest(text, zones) and city:
        return f'; did you mean "{cities[city]}"?'
    return did_you_mean(text, zones)
