"""Invalid publications: every mistake is named with its file and key, and all of them at once."""

import pytest

from publisher import config
from publisher.errors import DefinitionError

PODCAST = "[podcast]\nimage = 'a.png'\ncategories = ['News']"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[publication]\ntitel = "x"',
            'publisher.toml: publication.titel: unknown key; did you mean "title"?',
        ),
        (
            '[transport.relay]\ntype = "smtp"',
            'publisher.toml: transport: unknown key; did you mean "transports"?',
        ),
        ("publication = 5", "publisher.toml: publication: must be a table, not a whole number"),
        ("[publication]\ntitle = 5", "publication.title: expected text, got a whole number"),
        ('[publication]\ntitle = ""', "publication.title: must not be empty"),
        (
            '[publication]\ntimezone = "Europe/Berln"',
            'there is no time zone "Europe/Berln"; did you mean "Europe/Berlin"?',
        ),
        ('[publication]\ntimezone = "berlin"', 'did you mean "Europe/Berlin"?'),
        ('[publication]\ntimezone = ""', "publication.timezone: there is no time zone"),
        ('[publication]\ntimezone = "../etc/passwd"', "publication.timezone: there is no"),
        ('[publication]\nurl = "gazette.example"', '"gazette.example" is no web address'),
        ('[publication]\nurl = "https://g.example/?a=1"', "no query"),
        ('[publication]\nurl = "https://[::1"', "is no web address"),
        ('[publication]\nlanguage = "english please"', "is no language tag"),
        ('[publication]\ncontact = "nobody"', "publication.contact:"),
        ('[store]\nurl = "postgres://h/d"', 'did you mean "postgresql://"?'),
        ('[store]\nurl = "sqlite://var/x.db"', "three slashes"),
        ('[web]\nbind = "8080"', "web.bind:"),
        ('[web]\nbind = "127.0.0.1:99999"', "web.bind:"),
        ('[web]\nmetrics = "9108"', "web.metrics:"),
        ('[web]\ntrusted_proxies = ["::1", "proxy"]', "web.trusted_proxies[1]:"),
        (
            '[mail]\non_crash = "resent"',
            'mail.on_crash: "resent" is none of resend, hold; did you mean "resend"?',
        ),
        ('[mail]\nfrom = "Nobody"', "mail.from:"),
        ('[mail]\nfrom = "A\\r\\nBcc: x <a@b.example>"', "mail.from:"),
        ('[mail]\ntransport = "outbux"', 'did you mean "outbox"?'),
        ('[mail]\nfallback = ["nowhere"]', "mail.fallback[0]: there is no [transports.nowhere]"),
        ('[alerts]\ntransport = "nowhere"', "alerts.transport:"),
        ("[mail.dkim]\nselektor = 1", 'mail.dkim.selektor: unknown key; did you mean "selector"?'),
        ("[engine]\nworkers = 0", "engine.workers: expected a whole number >= 1"),
        ("[images]\nwidth = 20", "images.width: expected a whole number >= 100"),
        ("[images]\nquality = 100", "images.quality: expected a whole number <= 95"),
        ("[images]\nproxi = true", 'images.proxi: unknown key; did you mean "proxy"?'),
        ('[clusters]\nlead = "longer"', "clusters.lead:"),
        ('[clusters]\nprefer = ["nowhere"]', "clusters.prefer[0]: no feed has a source nowhere"),
        ("[clusters]\ndays = 0", "clusters.days: expected a whole number >= 1"),
        ('[websub]\nlease = "1m"', "websub.lease: must lie between min_lease and max_lease"),
        ('[websub]\nhubs = ["ftp://h.example/"]', "websub.hubs[0]:"),
        ("[collect]\nallow_private_addresses = 1", "expected true or false, got a whole number"),
        ('[transports.relay]\nhost = "x"', "transports.relay.type: is missing"),
        (
            '[transports.feed]\ntype = "maildir"',
            "transports.feed: this name stands for readers' own",
        ),
        (
            '[transports.relay]\ntype = "smpt"',
            'transports.relay.type: there is no delivery "smpt"',
        ),
        ('[transports.relay]\ntype = "smtp"', "transports.relay.host: is missing"),
        ("[transports.outbox.warm_up]", "transports.outbox.warm_up.begins: is missing"),
        (
            '[transports.outbox]\ntype = "maildir"\npath = "x"\nwarm_up = 5',
            "transports.outbox.warm_up: must be a table, not a whole number",
        ),
        (
            "[transports.outbox.warm_up]\nbegins = 2026-11-24\ngrowth = 0.5\nperday = 5",
            "transports.outbox.warm_up.growth: expected a number >= 1",
        ),
        ("[mail.pause]\nerrors = 101", "mail.pause.errors: expected a number <= 100"),
        ("[mail.pause]\nerors = 1", 'mail.pause.erors: unknown key; did you mean "errors"?'),
        (
            '[transports.relay]\ntype = "smtp"\nhots = "x"',
            'transports.relay.hots: unknown key; did you mean "host"?',
        ),
        (
            '[transports.relay]\ntype = "smtp"\nhost = "x"\nsecurity = "starttsl"',
            'transports.relay.security: "starttsl" is none of starttls, implicit, none',
        ),
        (
            '[transports.relay]\ntype = "smtp"\nhost = "x"\nport = "587"',
            "transports.relay.port: expected a whole number, got text",
        ),
        (
            '[transports.x]\ntype = "smtp"\nhost = "x"\ndomains = { "g.example" = { per_secnd = 2 } }',
            'x.domains."g.example".per_secnd: unknown key; did you mean "per_second"?',
        ),
        ('[output]\noutlets = ["s4"]', "output.outlets[0].type:"),
        ('a = "b', "publisher.toml: broken TOML: "),
        ('[store]\nurl = "sqlite:///x"\n\nbad', "line 4, column 4"),
    ],
)
def test_a_mistake_in_the_publication(mistakes, text: str, expected: str):
    assert any(expected in line for line in mistakes(publication=text)), mistakes(publication=text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("limits = 5", 'feeds/harbour.toml: limits: unknown key; did you mean "limit"?'),
        ("limit = 0", "feeds/harbour.toml: limit: expected a whole number >= 1"),
        ("formats = []", "feeds/harbour.toml: formats:"),
        ('formats = ["rss", "atm"]', 'formats[1]: there is no formats "atm"'),
        ('sources = "x"', "feeds/harbour.toml: sources: expected a list, got text"),
        ("[[sources]]\npath = 'x'", "feeds/harbour.toml: sources[0].type: is missing"),
        (
            "[[sources]]\ntype = 'foldr'\npath = 'x'",
            'sources[0].type: there is no sources "foldr"; did you mean "folder"?',
        ),
        (
            "[[sources]]\ntype = 'folder'\npaht = 'x'",
            'sources[0].paht: unknown key; did you mean "path"?',
        ),
        ("[[sources]]\ntype = 'folder'\npath = 'x'\nevery = '5'", "sources[0].every:"),
        ("[[sources]]\ntype = 'folder'\npath = 'x'\nevery = '5s'", "one minute is the least"),
        ("[select]\nany = ['title:~(']", "select.any[0]:"),
        (
            "[select]\nall = ['tag:x']\nnone = ['tag:y', 'title:~(?<=a)b']",
            'harbour.toml: select.none[1]: "title:~(?<=a)b": the regular expression is wrong: (?<= looks',
        ),
        ("[select]\nany = ['text:~(a)\\1']", "refers back to a group"),
        ("[select]\nany = ['text:~']", "an empty expression finds everything"),
        (
            "[select]\nany = ['tagg:x']",
            'select.any[0]: "tagg:x": there is no field "tagg"; did you',
        ),
        ("formats = ['digest']", 'formats[0]: "digest" is no document'),
        (f"formats = ['atom']\n{PODCAST}", "podcast: needs the format rss"),
        ("[podcast]\ncategories = ['News']", "podcast.image: is missing"),
        ("[podcast]\nimage = 'a.png'\ncategories = []", "podcast.categories: expected"),
        (PODCAST.replace("a.png", "a.gif"), 'podcast.image: "a.gif" is no cover'),
        (PODCAST.replace("News", "Nws"), 'categories[0]: there is no podcast category "Nws"; did'),
        (PODCAST.replace("News", "News: Dayly News"), 'did you mean "Daily News"?'),
        (PODCAST.replace("News", "News: x"), '"News" has no category "x" within it (known: Bus'),
        (f"{PODCAST}\nguid = '917393e3'", 'podcast.guid: "917393e3" is no UUID'),
        (f"{PODCAST}\nmedium = 'podcats'", 'podcast.medium: "podcats" is none of'),
        (
            f"{PODCAST}\nfunding = [{{ url = 'https://g.example/' }}]",
            "funding[0].text: is missing",
        ),
        ("category_scheme = 'iptc'", 'category_scheme: "iptc" is no web address'),
        ("[select]\nsome = ['x']", "select.some: unknown key"),
        ("was = ['Port']", 'was[0]: "Port": a slug is made of'),
        ("was = ['harbour']", 'was[0]: "harbour" is in use'),
        ("was = ['port', 'port']", 'was[1]: "port" is claimed more than once'),
        (
            "[[sources]]\ntype = 'folder'\npath = 5",
            "sources[0].path: expected text, got a whole number",
        ),
    ],
)
def test_a_mistake_in_a_feed(mistakes, text: str, expected: str):
    assert any(expected in line for line in mistakes(feed=text)), mistakes(feed=text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('when = "hourly"', "schedules/morning.toml: action: is missing"),
        ('action = "digset"\nwhen = "hourly"', 'did you mean "digest"?'),
        (
            'action = "digest"\nwhen = "hourly"\nsubject = "{% for s in stories %}x{% endfor %}"',
            "schedules/morning.toml: subject: a loop is not allowed in a line",
        ),
        ('action = "digest"', "schedules/morning.toml: when: is missing"),
        ('action = "digest"\nwehn = "hourly"', 'wehn: unknown key; did you mean "when"?'),
        ('action = "digest"\nwhen = "hourly"\ncron = "* * * * *"', "not both"),
        ('action = "digest"\nwhen = "every 2nd tuesday at 09:00"', "can be read two ways"),
        ('action = "digest"\nwhen = "sometimes"', "when: reading stopped at"),
        ('action = "digest"\nwhen = ""', "when: must not be empty"),
        ('action = "digest"\ncron = "61 * * * *"', "cron: reading stopped at"),
        ('action = "digest"\nwhen = "hourly"\nfeeds = ["harbor"]', 'did you mean "harbour"?'),
        ('action = "digest"\nwhen = "hourly"\nfeeds = []', "feeds:"),
        ('action = "digest"\nwhen = "hourly"\ntimezone = "Europe/Berln"', "timezone:"),
        ('action = "digest"\nwhen = "hourly"\ntimezone = "subscriber"', "runs by elapsed time"),
        ('action = "digest"\nwhen = "hourly"\ntransport = "relay"', "transport: there is no"),
        ('action = "digest"\nwhen = "hourly"\nmax_lateness = "6 h"', "max_lateness:"),
        ('action = "digest"\nwhen = "hourly"\nspread = "9999999999999d"', "longer than ten years"),
        ('action = "digest"\nwhen = "hourly"\nmin_articles = 20', "is more than max_articles"),
        ('action = "digest"\nwhen = "hourly"\nskip = { holidays = "XX" }', "skip.holidays:"),
        ('action = "digest"\nwhen = "hourly"\nskip = { dates = ["24.12."] }', "skip.dates[0]:"),
        (
            'action = "digest"\nwhen = "hourly"\nskip = { between = ["2027-01-02..2026-12-27"] }',
            "skip.between[0]: ",
        ),
        ('action = "digest"\nwhen = "hourly"\nquiet = ""', 'quiet: is for action = "alert" only'),
        ('action = "collect"\nwhen = "hourly"\nmin_priority = 1', "min_priority: is for action"),
        ('action = "publish"\nwhen = "hourly"\nper_person = { count = 1 }', "per_person: is for"),
        (
            'action = "alert"\nquiet = "22-7"',
            'quiet: "22-7" are no hours; write for example 22:00-',
        ),
        ('action = "alert"\nquiet = "22:00-24:00"', "a day has the hours 00:00 to 23:59"),
        ('action = "alert"\nquiet = "07:00-07:00"', "ends when it begins"),
        ('action = "alert"\nper_person = { count = 0 }', "per_person.count:"),
        ('action = "alert"\nper_person = { within = "0h" }', "per_person.within: must be longer"),
        ('action = "alert"\nper_person = { within = "day" }', 'within: "day" is no duration'),
        ('action = "alert"\nper_person = 3', "per_person:"),
        ('action = "alert"\nmin_priority = "high"', "min_priority:"),
        ('action = "alert"\nmax_articles = 3', "max_articles: an alert holds one story"),
        ('action = "alert"\ntimezone = "subscriber"', "timezone: an alert goes to everybody"),
        ('action = "alert"\nwhen = "sometimes"', "when: reading stopped at"),
        (
            'action = "digest"\nwhen = "hourly"\nreview = { otherwise = "hope" }',
            'review.otherwise: "hope" is none of skip, send',
        ),
    ],
)
def test_a_mistake_in_a_schedule(mistakes, text: str, expected: str):
    assert any(expected in line for line in mistakes(schedule=text)), mistakes(schedule=text)


def test_a_misspelt_key_is_reported_once(mistakes):
    assert len(mistakes(schedule='action = "digest"\nwehn = "hourly"')) == 1
    relay = '[transports.relay]\ntype = "smtp"\nhots = "x"'
    assert len(mistakes(publication=relay)) == 1


def test_all_mistakes_of_all_files_at_once(mistakes):
    found = mistakes(
        publication='[publication]\ntitel = "x"\ntimezone = "Mars"\n[mail]\non_crash = 3',
        feed="broken =",
        other='titel = "x"\n[[sources]]\ntype = "nothing"',
        schedule='action = "digset"\nwhen = "sometimes"\nspread = "x"',
    )
    assert [line.partition(": ")[0] for line in found] == [
        *["publisher.toml"] * 3,
        "feeds/harbour.toml",
        *["feeds/other.toml"] * 2,
        *["schedules/morning.toml"] * 3,
    ]


@pytest.mark.parametrize("slug", ["all", "private", "tag", "author", "source"])
def test_slugs_that_addresses_need_are_reserved(write, finder, slug: str):
    root = write({f"feeds/{slug}.toml": 'title = "x"'})
    with pytest.raises(DefinitionError, match=f"feeds/{slug}.toml: this slug is reserved"):
        config.load(root, find=finder)


@pytest.mark.parametrize("slug", ["Harbour", "har bour", "häfen", "-x", "x" * 65, "a--b", "a.b"])
def test_a_slug_stands_in_addresses(write, finder, slug: str):
    root = write({f"feeds/{slug}.toml": 'title = "x"'})
    with pytest.raises(DefinitionError, match="the file's name is the slug"):
        config.load(root, find=finder)


def test_no_publication(tmp_path):
    with pytest.raises(
        DefinitionError, match=r"publisher.toml: there is none in .*publisher init"
    ):
        config.load(tmp_path)
    with pytest.raises(DefinitionError, match="there is no such folder"):
        config.load(tmp_path / "nowhere")


def test_files_that_cannot_be_read(write, finder):
    root = write({})
    (root / "feeds/broken.toml").symlink_to(root / "nowhere.toml")
    (root / "feeds/folder.toml").mkdir()
    (root / "feeds/latin.toml").write_bytes(b'title = "K\xfcste"\n')
    (root / "feeds/deep.toml").write_text("a = " + "[" * 50_000)
    (root / "feeds/number.toml").write_text("limit = " + "9" * 9_000)
    (root / "feeds/large.toml").write_text("#" * 2_000_000)
    with pytest.raises(DefinitionError) as caught:
        config.load(root, find=finder)
    found = {problem.file: problem.message for problem in caught.value.problems}
    assert set(found) == {
        f"feeds/{name}.toml" for name in ("broken", "folder", "latin", "deep", "large", "number")
    }
    assert "not UTF-8" in found["feeds/latin.toml"]
    assert "deep" in found["feeds/deep.toml"] or "TOML" in found["feeds/deep.toml"]


def test_the_error_is_one_line(mistakes, load):
    with pytest.raises(DefinitionError) as caught:
        load(publication="a = 1\nb = 2")
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 78
