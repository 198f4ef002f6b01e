"""Valid publications: every documented key is accepted and arrives where it belongs."""

from datetime import date, time, timedelta
from pathlib import Path

from publisher.config import Reference
from publisher.model.clusters import ClusterSettings, Lead
from publisher.model.definitions import (
    Action,
    AlertSettings,
    Cap,
    CatchUp,
    ImageSettings,
    OnCrash,
    PauseSettings,
    Quiet,
    Review,
    SkipRules,
    WarmUp,
    WebsubSettings,
)
from publisher.model.podcasts import Funding, Person, Podcast

WHOLE = """
    [publication]
    title = "The Harbour Gazette"
    url = "https://gazette.example/news"
    language = "en"
    timezone = "Europe/Berlin"
    postal_address = "1 Quay Street, Harbour"
    contact = "editor@gazette.example"

    [store]
    url = "postgresql://user@host/db"

    [output]
    directory = "site"
    outlets = ["s3"]

    [web]
    bind = "[::1]:8081"
    metrics = "127.0.0.1:9108"
    trusted_proxies = ["10.0.0.0/8", "::1"]

    [mail]
    from = "The Harbour Gazette <news@gazette.example>"
    reply_to = "editor@gazette.example"
    transport = "relay"
    on_crash = "hold"
    fallback = ["outbox"]
    [mail.pause]
    errors = 20
    policy = 2.5
    after = 50
    complaints = 0.1
    accepted = 500

    [receipts]
    address = "bounces@gazette.example"
    mailboxes = ["imap+tls://user@imap.example/INBOX"]
    forward_replies_to = "editor@gazette.example"

    [alerts]
    to = ["ops@gazette.example"]
    transport = "relay"

    [mail.dkim]
    domain = "gazette.example"
    selector = "s1"
    key = { file = "secrets/dkim.pem" }

    [transports.outbox]
    type = "maildir"
    path = "var/outbox"

    [transports.relay]
    type = "smtp"
    host = "smtp.example"
    username = { env = "PUBLISHER_TEST_UNSET" }
    [transports.relay.warm_up]
    begins = 2026-11-24
    per_day = 100
    growth = 2
    until = 10_000
    reserve = 25
    [transports.relay.domains."gmail.com"]
    per_second = 20

    [engine]
    type = "local"
    workers = 2

    [collect]
    contact = "https://gazette.example/bot"
    allow_private_addresses = true

    [images]
    proxy = false
    width = 480
    quality = 70
    max_bytes = 5000000

    [clusters]
    enabled = false
    lead = "longest"
    prefer = ["articles/harbour", "folder:articles/harbour", "articles/harbour"]
    days = 5

    [websub]
    hub = true
    hubs = ["https://hub.example/", "https://other.example/push", "https://hub.example/"]
    lease = "7d"
    min_lease = "10m"
    max_lease = "14d"
    max_subscriptions = 500
    max_per_host = 50
    allow_private_addresses = true

    [subscribers]
    samples = "subscribers.csv"
"""


def test_every_key_of_the_publication_is_read(load):
    found = load(publication=WHOLE)
    assert found.publication.url == "https://gazette.example/news/"
    assert found.publication.postal_address == "1 Quay Street, Harbour"
    assert found.store_url == "postgresql://user@host/db"
    assert found.output == Path("site")
    assert {name: one.type for name, one in found.outlets.items()} == {"s3": "outlet_s3"}
    assert found.images == ImageSettings(proxy=False, width=480, quality=70, max_bytes=5_000_000)
    assert found.web.bind == "[::1]:8081"
    assert found.web.metrics == "127.0.0.1:9108"
    assert found.web.trusted_proxies == ("10.0.0.0/8", "::1")
    assert found.mail.sender == "The Harbour Gazette <news@gazette.example>"
    assert found.mail.on_crash is OnCrash.HOLD
    assert found.warm_ups == {
        "relay": WarmUp(
            begins=date(2026, 11, 24), per_day=100, growth=2, until=10_000, reserve=0.25
        )
    }
    assert "warm_up" not in found.transports["relay"].options
    assert found.mail.pause == PauseSettings(
        errors=0.2, policy=0.025, complaints=0.001, after=50, accepted=500
    )
    assert found.mail.fallback == ("outbox",)
    assert found.collect.allow_private_addresses
    assert found.clusters == ClusterSettings(
        enabled=False,
        lead=Lead.LONGEST,
        prefer=("articles/harbour", "folder:articles/harbour"),
        days=timedelta(days=5),
    )
    assert found.websub == WebsubSettings(
        hub=True,
        hubs=("https://hub.example/", "https://other.example/push"),
        lease=timedelta(days=7),
        min_lease=timedelta(minutes=10),
        max_lease=timedelta(days=14),
        max_subscriptions=500,
        max_per_host=50,
        allow_private_addresses=True,
    )
    assert found.samples == "subscribers.csv"
    assert found.engine.options == {"workers": 2}
    assert found.alerts == AlertSettings(to=("ops@gazette.example",), transport="relay")
    assert found.sections["receipts"]["forward_replies_to"] == "editor@gazette.example"


def test_what_is_not_in_use_is_not_looked_up(load):
    found = load(publication=WHOLE)
    assert isinstance(found.sections["dkim"]["key"], Reference)
    assert isinstance(found.transports["relay"].options["username"], Reference)


def test_an_empty_publication_has_defaults_for_everything(write, finder):
    from publisher import config

    root = write({"publisher.toml": "# nothing\n", "feeds/harbour.toml": ""})
    found = config.load(root, find=finder)
    assert found.publication.title
    assert found.publication.url == "http://127.0.0.1:8080/"
    assert found.store_url == "sqlite:///var/publisher.db"
    assert found.transports["outbox"].type == "maildir"
    assert found.mail.transport == "outbox"
    assert found.mail.sender.endswith("<news@127.0.0.1>")
    assert found.schedules["morning"].timezone == "UTC"
    assert found.schedules["morning"].title == "Morning"


def test_the_sender_is_made_of_title_and_contact(load):
    found = load(publication='[publication]\ntitle = "News, weekly"\ncontact = "a@b.example"\n')
    assert found.mail.sender == '"News, weekly" <a@b.example>'


def test_every_key_of_a_feed_is_read(load):
    feed = load(
        feed="""
        title = "Harbour news"
        description = "Ships"
        language = "en-GB"
        public = false
        formats = ["rss", "json", "rss"]
        limit = 20
        full_text = false
        key_points = 0
        read_also = 0
        key_points_in_text = false
        read_also_in_text = false
        category_scheme = "https://iptc.example/subjects/"
        was = ["port"]
        ended = false

        [[sources]]
        type = "folder"
        path = "articles/harbour"

        [[sources]]
        type = "feed"
        url = "https://port.example/news.xml"
        every = "15m"
        push = true
        fetch_full_text = false

        [[sources]]
        type = "feed"
        url = "https://port.example/news.xml"
        every = "adaptive"

        [select]
        all = ["tag:news"]
        any = ["tag:harbour", "title:~ferr(y|ies)"]
        none = ["author:Agency desk"]
        """
    ).feeds["harbour"]
    assert feed.formats == ("rss", "json")
    assert feed.limit == 20
    assert not feed.public
    assert not feed.key_points_in_text
    assert not feed.read_also_in_text
    assert feed.category_scheme == "https://iptc.example/subjects/"
    assert feed.was == ("port",)
    assert [source.key for source in feed.sources] == [
        "folder:articles/harbour",
        "feed:https://port.example/news.xml",
        "feed:https://port.example/news.xml",
    ]
    assert [source.every for source in feed.sources] == [None, timedelta(minutes=15), None]
    assert feed.sources[1].adapter.options == {
        "url": "https://port.example/news.xml",
        "push": True,
        "fetch_full_text": False,
    }
    assert feed.select.none_of == ("author:Agency desk",)
    assert list(feed.select.expressions) == ["title:~ferr(y|ies)"]
    assert feed.select.expressions["title:~ferr(y|ies)"].search("Two Ferries")


def test_every_key_of_a_schedule_is_read(load):
    schedule = load(
        schedule="""
        action = "digest"
        title = "Morning digest"
        feeds = ["harbour"]
        cron = "30 7 * * 1-5"
        first = "now"
        timezone = "subscriber"
        subject = "{{ lead.title }}"
        template = "plain"
        min_articles = 2
        max_articles = 10
        catch_up = "all"
        max_lateness = "1d"
        spread = "1h30m"
        review = { required = true, approve_within = "45m", otherwise = "send" }
        skip = { holidays = "DE-BE", dates = ["2026-12-24", 2026-12-25], between = ["2026-12-27..2027-01-02"] }
        transport = "outbox"
        ping = "https://ping.example/x"
        was = ["dawn"]
        """
    ).schedules["morning"]
    assert schedule.action is Action.DIGEST
    assert schedule.catch_up is CatchUp.ALL
    assert schedule.timezone == "subscriber"
    assert schedule.max_lateness == timedelta(days=1)
    assert schedule.spread == timedelta(minutes=90)
    assert schedule.review == Review(
        required=True, approve_within=timedelta(minutes=45), otherwise="send"
    )
    assert schedule.skip == SkipRules(
        holidays="DE-BE",
        dates=(date(2026, 12, 24), date(2026, 12, 25)),
        between=((date(2026, 12, 27), date(2027, 1, 2)),),
    )


def test_a_schedule_without_a_zone_has_the_publication_s(load):
    assert load().schedules["morning"].timezone == "Europe/Berlin"


def test_a_star_means_every_feed(load):
    found = load(other='title = "Other"\n', schedule='action = "publish"\nwhen = "hourly"\n')
    assert found.schedules["morning"].feeds == ("harbour", "other")


def test_a_podcast_with_everything(load):
    made = load(
        feed="""
        [podcast]
        image = "covers/harbour.png"
        categories = ["News: Daily News", "Society & Culture"]
        explicit = true
        type = "serial"
        author = "The Quay Desk"
        owner = { name = "Ada Quill", email = "ada@gazette.example" }
        guid = "917393E3-1b1e-5cef-ace4-edaa54e1f810"
        locked = true
        medium = "newsletter"
        block = true
        [[podcast.funding]]
        url = "https://gazette.example/give"
        text = "Give"
        [[podcast.people]]
        name = "Ben Ink"
        role = "host"
        group = "cast"
        image = "https://gazette.example/ben.jpg"
        url = "https://gazette.example/ben"
        """
    ).feeds["harbour"]
    assert made.podcast == Podcast(
        image="covers/harbour.png",
        categories=(("News", "Daily News"), ("Society & Culture", "")),
        explicit=True,
        type="serial",
        author="The Quay Desk",
        owner="Ada Quill",
        email="ada@gazette.example",
        guid="917393e3-1b1e-5cef-ace4-edaa54e1f810",
        locked=True,
        medium="newsletter",
        block=True,
        funding=(Funding(url="https://gazette.example/give", text="Give"),),
        people=(
            Person(
                name="Ben Ink",
                role="host",
                group="cast",
                image="https://gazette.example/ben.jpg",
                url="https://gazette.example/ben",
            ),
        ),
    )


def test_files_an_editor_hides_are_not_definitions(write, finder):
    from publisher import config

    root = write({"feeds/.#harbour.toml": "broken", "feeds/harbour.toml~": "broken"})
    assert list(config.load(root, find=finder).feeds) == ["harbour"]


def test_a_byte_order_mark_is_no_mistake(write, finder):
    from publisher import config

    root = write({})
    path = root / "feeds/harbour.toml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert config.load(root, find=finder).feeds["harbour"].title == "Harbour news"


def test_an_alert_needs_no_rule(load):
    made = load(schedule='action = "alert"').schedules["morning"]
    assert made.follows
    assert made.quiet == Quiet(begins=time(22), ends=time(7))
    assert made.per_person == Cap(count=3, within=timedelta(days=1))
    assert made.min_priority == 0


def test_an_alert_with_everything(load):
    text = """
    action = "alert"
    when = "every 5m"
    quiet = "23:30 - 06:15"
    per_person = { count = 1, within = "2h" }
    min_priority = 5
    """
    made = load(schedule=text).schedules["morning"]
    assert not made.follows
    assert made.quiet == Quiet(begins=time(23, 30), ends=time(6, 15))
    assert made.per_person == Cap(count=1, within=timedelta(hours=2))
    assert made.min_priority == 5
    assert load(schedule='action = "alert"\nquiet = ""').schedules["morning"].quiet is None
