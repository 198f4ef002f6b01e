"""Pictures that nobody is meant to see: they tell somebody that a story is being read.

Serves the cleaning of HTML. Pure. A picture is one of these when it is a pixel in size, hidden, or
served from where readers are counted.
"""

import re
from urllib.parse import urlsplit

# By host, which stands for all hosts below it: folders and paths, in the order of the alphabet.
BEACONS = {
    "2o7.net": "/",
    "adform.net": "/",
    "analytics.twitter.com": "/",
    "anon-stats.eff.org": "/",
    "api.flattr.com": "/",
    "atdmt.com": "/",
    "bat.bing.com": "/",
    "chartbeat.net": "/",
    "counter.theconversation.com": "/",
    "counter.yadro.ru": "/",
    "cpx.golem.de": "/",
    "doubleclick.net": "/",
    "eotrx.substackcdn.com": "/open",
    "facebook.com": "/tr",
    "feeds.feedburner.com": "/~r/ /~ff/",
    "feeds.wordpress.com": "/1.0/",
    "feedsportal.com": "/",
    "google-analytics.com": "/",
    "hits.theguardian.com": "/",
    "imrworldwide.com": "/",
    "ioam.de": "/",
    "ivwbox.de": "/",
    "mandrillapp.com": "/track/",
    "mc.yandex.ru": "/watch/",
    "met.vgwort.de": "/",
    "omtrdc.net": "/",
    "pixel.propublica.org": "/",
    "pixel.wp.com": "/",
    "px.ads.linkedin.com": "/",
    "quantserve.com": "/",
    "rss.buysellads.com": "/",
    "scorecardresearch.com": "/",
    "statcounter.com": "/",
    "stats.wordpress.com": "/",
    "t.co": "/i/adsct",
    "top-fwz1.mail.ru": "/",
    "track.hubspot.com": "/",
    "xiti.com": "/",
}

# What counting programs are called that anybody may have on a host of their own, and the pixels of others.
_PATHS = re.compile(
    r"/(?:matomo|piwik)\.php$|/b/ss/|/wf/open$|/track/open\.php$|/tracking?/(?:open|pixel)"
    r"|/(?:__)?utm\.gif$|/(?:pixel|beacon|spacer|blank|clear|1x1|transparent)\.(?:gif|png)$",
    re.IGNORECASE,
)

_IMAGE = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_HIDDEN = re.compile(r"\shidden(?=[\s=/>])", re.IGNORECASE)
_UNSEEN = re.compile(
    r"\s(?:width|height)\s*=\s*[\"']?[01](?:px)?[\"'\s/>]"
    r"|\sstyle\s*=[^<>]*?(?:display\s*:\s*none|visibility\s*:\s*hidden"
    r"|(?<![\w-])opacity\s*:\s*0(?:\.0*)?(?=[;\"'\s!])"
    r"|(?<![\w-])(?:max-)?(?:width|height)\s*:\s*[01](?:px)?(?=[;\"'\s!]))",
    re.IGNORECASE,
)


def without_unseen(html: str) -> str:
    """Return HTML as a stranger wrote it, without the pictures that it hides."""
    return _IMAGE.sub(lambda match: "" if _is_unseen(match[0]) else match[0], html)


def _is_unseen(tag: str) -> bool:
    """Tell whether a picture's tag lets nobody see it."""
    if _UNSEEN.search(tag):
        return True
    return "hidden" in tag.lower() and bool(_HIDDEN.search(_QUOTED.sub('""', tag)))


def is_beacon(url: str) -> bool:
    """Tell whether a picture's absolute address is one where readers are counted."""
    parts = urlsplit(url)
    if _PATHS.search(parts.path):
        return True
    host = (parts.hostname or "").lower()
    while host:
        if any(_is_at(parts.path or "/", path) for path in BEACONS.get(host, "").split()):
            return True
        host = host.partition(".")[2]
    return False


def _is_at(path: str, named: str) -> bool:
    """Tell whether a path is one that the table names, or lies in a folder that it names."""
    return path.startswith(named) if named.endswith("/") else path.rstrip("/") == named
