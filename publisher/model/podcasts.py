"""Podcasts: what a feed says of itself to directories and players, and what an article is as an episode."""

from dataclasses import dataclass

EPISODE = "podcast"
"""The attribute in which an article says what it is as an episode: the fields of `Episode`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who made or is heard in a podcast; `role` and `group` as podcast:person has them."""

    name: str
    role: str = ""
    group: str = ""
    image: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Funding:
    """Where listeners may give money, and what they are told there."""

    url: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Podcast:
    """`[podcast]` of a feed; `categories` are pairs of Apple's: one, and the one within it or "".

    As written, `author`, `owner` and `email` may be "" and `image` a path in the publication's folder.
    In a view they are what is to be said, `image` is an address, `guid` is there, `moved_to` is where
    a renamed feed is found now, and `complete` says that no episode follows.
    """

    image: str
    categories: tuple[tuple[str, str], ...]
    explicit: bool = False
    type: str = "episodic"
    author: str = ""
    owner: str = ""
    email: str = ""
    guid: str = ""
    locked: bool = False
    medium: str = "podcast"
    block: bool = False
    funding: tuple[Funding, ...] = ()
    people: tuple[Person, ...] = ()
    moved_to: str = ""
    complete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """The words of an episode as a file; `rel` is `captions` when it says when each is spoken."""

    url: str
    type: str
    language: str = ""
    rel: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """What an article is as an episode; `duration` in seconds, 0 and "" where nothing is known.

    `explicit` None leaves that to the feed. `chapters` is the address of a JSON file of chapters.
    """

    title: str = ""
    duration: int = 0
    season: int = 0
    episode: int = 0
    type: str = ""
    explicit: bool | None = None
    block: bool = False
    image: str = ""
    chapters: str = ""
    transcripts: tuple[Transcript, ...] = ()
    people: tuple[Person, ...] = ()
