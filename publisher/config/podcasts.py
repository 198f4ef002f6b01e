"""Keys of `[podcast]` in a feed, and what they make; serves schema and building."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from publisher.model.podcasts import Funding, Person, Podcast

Address = Annotated[str, Meta(extra={"kind": "web address"})]
Category = Annotated[str, Meta(extra={"kind": "podcast category"})]
Cover = Annotated[str, Meta(extra={"kind": "cover"})]
Email = Annotated[str, Meta(extra={"kind": "mail address"})]
Guid = Annotated[str, Meta(extra={"kind": "UUID"})]
Words = Annotated[str, Meta(extra={"kind": "text that is not empty"})]


class OwnerTable(Struct, frozen=True, kw_only=True):
    """Whom directories write to."""

    name: Annotated[str, Meta(description="Default: the publication's title.")] = ""
    email: Annotated[Email, Meta(description="Default: the publication's contact.")] = ""


class FundingTable(Struct, frozen=True, kw_only=True):
    """Where listeners may give money."""

    url: Annotated[Address, Meta(description="The page.")]
    text: Annotated[Words, Meta(description="What its link says.")]


class PersonTable(Struct, frozen=True, kw_only=True):
    """Somebody who is heard in every episode, or makes them."""

    name: Annotated[Words, Meta(description="As people know them.")]
    role: Annotated[str, Meta(description="Such as `host`, `guest`, `editor`; empty: host.")] = ""
    group: Annotated[str, Meta(description="Such as `cast`, `writing`; empty: cast.")] = ""
    image: Annotated[Address, Meta(description="A picture of them.")] = ""
    url: Annotated[Address, Meta(description="A page about them.")] = ""


class PodcastTable(Struct, frozen=True, kw_only=True):
    """What directories and players of podcasts are told, in RSS; what each episode is, articles say."""

    image: Annotated[
        Cover,
        Meta(
            description="The cover: PNG or JPEG, square, 1400 to 3000 pixels; a file in the"
            " publication's folder, or its address."
        ),
    ]
    categories: Annotated[
        tuple[Category, ...],
        Meta(
            min_length=1,
            description='Apple\'s, the first one counts most: `"News"`, `"News: Daily News"`.',
        ),
    ]
    explicit: Annotated[
        bool, Meta(description="Not for children; an article may say so of itself alone.")
    ] = False
    type: Annotated[
        Literal["episodic", "serial"],
        Meta(description="Serial: to be heard from the first episode on."),
    ] = "episodic"
    author: Annotated[str, Meta(description="Default: the publication's title.")] = ""
    owner: Annotated[OwnerTable, Meta(description="Whom directories write to.")] = OwnerTable()
    guid: Annotated[
        Guid,
        Meta(
            description="Of a podcast that exists already; default: made of the feed's first address,"
            " and kept."
        ),
    ] = ""
    locked: Annotated[
        bool, Meta(description="No other host may take it over without the owner.")
    ] = False
    medium: Annotated[
        Literal["podcast", "music", "video", "film", "audiobook", "newsletter", "blog", "course"],
        Meta(description="What it is."),
    ] = "podcast"
    block: Annotated[bool, Meta(description="Keeps it out of directories.")] = False
    funding: Annotated[
        tuple[FundingTable, ...], Meta(description="Where listeners may give money.")
    ] = ()
    people: Annotated[tuple[PersonTable, ...], Meta(description="Who makes it.")] = ()


def podcast(read: PodcastTable) -> Podcast:
    """Return what a checked table says."""
    return Podcast(
        image=read.image,
        categories=tuple(_pair(one) for one in read.categories),
        explicit=read.explicit,
        type=read.type,
        author=read.author,
        owner=read.owner.name,
        email=read.owner.email,
        guid=read.guid.lower(),
        locked=read.locked,
        medium=read.medium,
        block=read.block,
        funding=tuple(Funding(url=one.url, text=one.text) for one in read.funding),
        people=tuple(
            Person(name=one.name, role=one.role, group=one.group, image=one.image, url=one.url)
            for one in read.people
        ),
    )


def _pair(category: str) -> tuple[str, str]:
    name, _, inner = category.partition(":")
    return name.strip(), inner.strip()
