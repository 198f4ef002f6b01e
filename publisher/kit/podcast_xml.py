"""iTunes and Podcasting 2.0 elements of RSS (Apple's "Podcast RSS feed requirements"; podcastindex.org).

Serves feedxml. Touches nothing but the elements it is given.
"""

from collections.abc import Iterable
from typing import Any

from lxml import etree

from publisher.kit.episodes import CHAPTERS
from publisher.model.podcasts import Episode, Person, Podcast

ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
PODCAST = "https://podcastindex.org/namespace/1.0"
PREFIXES = {"itunes": ITUNES, "podcast": PODCAST}


def add_podcast(channel: Any, podcast: Podcast) -> None:
    """Append what a channel says of itself as a podcast."""
    _itunes(channel, "author", podcast.author)
    _itunes(channel, "type", podcast.type)
    _itunes(channel, "explicit", _truth(podcast.explicit))
    etree.SubElement(channel, f"{{{ITUNES}}}image", href=podcast.image)
    _categories(channel, podcast)
    if podcast.email:
        owner = etree.SubElement(channel, f"{{{ITUNES}}}owner")
        _itunes(owner, "name", podcast.owner)
        _itunes(owner, "email", podcast.email)
    _itunes(channel, "new-feed-url", podcast.moved_to)
    _itunes(channel, "block", "Yes" if podcast.block else "")
    _itunes(channel, "complete", "Yes" if podcast.complete else "")
    _podcast(channel, "guid", podcast.guid)
    _podcast(channel, "locked", "yes" if podcast.locked else "no", owner=podcast.email)
    _podcast(channel, "medium", podcast.medium)
    for one in podcast.funding:
        _podcast(channel, "funding", one.text, url=one.url)
    _people(channel, podcast.people)


def add_episode(item: Any, episode: Episode) -> None:
    """Append what an item says of itself as an episode."""
    _itunes(item, "title", episode.title)
    _itunes(item, "duration", str(episode.duration or ""))
    _itunes(item, "season", str(episode.season or ""))
    _itunes(item, "episode", str(episode.episode or ""))
    _itunes(item, "episodeType", episode.type)
    if episode.explicit is not None:
        _itunes(item, "explicit", _truth(episode.explicit))
    _itunes(item, "block", "Yes" if episode.block else "")
    if episode.image:
        etree.SubElement(item, f"{{{ITUNES}}}image", href=episode.image)
    for one in episode.transcripts:
        _podcast(
            item, "transcript", "", url=one.url, type=one.type, language=one.language, rel=one.rel
        )
    if episode.chapters:
        _podcast(item, "chapters", "", url=episode.chapters, type=CHAPTERS)
    _people(item, episode.people)


def _categories(channel: Any, podcast: Podcast) -> None:
    """Append each category, and in it the one within it."""
    for name, inner in podcast.categories:
        outer = etree.SubElement(channel, f"{{{ITUNES}}}category", text=name)
        if inner:
            etree.SubElement(outer, f"{{{ITUNES}}}category", text=inner)


def _people(element: Any, people: Iterable[Person]) -> None:
    for one in people:
        said = {"role": one.role, "group": one.group, "img": one.image, "href": one.url}
        _podcast(element, "person", one.name, **said)


def _itunes(element: Any, name: str, text: str) -> None:
    if text:
        etree.SubElement(element, f"{{{ITUNES}}}{name}").text = text


def _podcast(element: Any, name: str, text: str, **attributes: str) -> None:
    """Append an element with the attributes that have a value."""
    given = {key: value for key, value in attributes.items() if value}
    etree.SubElement(element, f"{{{PODCAST}}}{name}", given).text = text or None


def _truth(value: bool) -> str:  # noqa: FBT001 - a value, no switch
    return "true" if value else "false"
