"""A podcast's own words and an article's as an episode, made fit for a document.

Serves kit.channel. Pure: what no document can say is left out.
"""

from collections.abc import Iterable
from dataclasses import replace

from publisher.kit.entries import web_address
from publisher.kit.episodes import is_played, read_episode
from publisher.kit.text import clean_text, readable
from publisher.model.articles import Enclosure
from publisher.model.podcasts import EPISODE, Episode, Person, Podcast
from publisher.model.views import EntryView

_COVERS = (".png", ".jpg", ".jpeg")


def sayable(podcast: Podcast | None) -> Podcast | None:
    """Return a podcast with plain texts and ASCII addresses."""
    if podcast is None:
        return None
    funding = (
        replace(one, url=url, text=_words(one.text) or url)
        for one in podcast.funding
        if (url := web_address(one.url))
    )
    return replace(
        podcast,
        image=web_address(podcast.image),
        author=_words(podcast.author),
        owner=_words(podcast.owner),
        moved_to=web_address(podcast.moved_to),
        funding=tuple(funding),
        people=_people(podcast.people),
    )


def episode_of(entry: EntryView) -> Episode:
    """Return what an article says of itself as an episode; what is wrong in it is left out."""
    said, _ = read_episode(entry.attributes.get(EPISODE), web_address)
    image = said.image if said.image.partition("?")[0].lower().endswith(_COVERS) else ""
    return replace(said, title=readable(said.title), image=image, people=_people(said.people))


def duration_of(entry: EntryView) -> int:
    """Return how many seconds an episode lasts, 0 when that is not known."""
    said = entry.attributes.get(EPISODE)
    return read_episode(said, web_address)[0].duration if said else 0


def played_first(enclosures: Iterable[Enclosure]) -> tuple[Enclosure, ...]:
    """Return the files with sound and film before all others: players take the first one."""
    return tuple(sorted(enclosures, key=lambda one: not is_played(one.type)))


def _people(people: Iterable[Person]) -> tuple[Person, ...]:
    return tuple(
        Person(
            name=name,
            role=_words(one.role),
            group=_words(one.group),
            image=web_address(one.image),
            url=web_address(one.url),
        )
        for one in people
        if (name := _words(one.name))
    )


def _words(text: str) -> str:
    return readable(clean_text(text))
