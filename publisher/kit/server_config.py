"""What a web server before publisher is told: nginx, Caddy, and systemd for publisher itself.

Serves `publisher export-config`. Pure. The static documents of `public/` are answered as publisher
answers them (types, caching, CORS, Link, moved and ended feeds); everything else is handed on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

MAX_AGE = 300  # seconds, as publisher's own pages say
FEEDS = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}
OTHERS = {
    "text/html": ("html",),
    "text/css": ("css",),
    "application/xml": ("xml",),
    "image/svg+xml": ("svg",),
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg"),
    "image/webp": ("webp",),
    "image/avif": ("avif",),
    "image/gif": ("gif",),
}
EXPOSED = "ETag, Last-Modified, Link"
PRESSED = "application/rss+xml application/atom+xml application/feed+json application/xml text/css"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What the servers need to know.

    `url` is the publication's (with a slash at its end), `public` the folder of documents, `bind`
    where publisher answers. `moved` maps paths to where they are found now ("" is nowhere), `was`
    old slugs of feeds to today's, `ended` are slugs of feeds that are over. `max_age` is for how many
    seconds a feed may be kept; `pressed` tells that compressed forms lie beside the documents; `hubs`
    are told of changes.
    """

    url: str
    public: Path
    bind: str
    moved: Mapping[str, str]
    was: Mapping[str, str]
    ended: Sequence[str]
    max_age: int = MAX_AGE
    pressed: bool = False
    hubs: Sequence[str] = ()

    @property
    def link(self) -> str:
        """Return what follows the address itself in the Link header of a feed, quotes escaped."""
        return "".join(['; rel=\\"self\\"', *(f', <{hub}>; rel=\\"hub\\"' for hub in self.hubs)])

    @property
    def host(self) -> str:
        """Return the host's name."""
        return urlsplit(self.url).hostname or "localhost"

    @property
    def base(self) -> str:
        """Return the path that everything lies under, with a slash at both ends."""
        return urlsplit(self.url).path or "/"


SECRET = ("confirm", "feeds/private", "preferences", "unsubscribe")
"""Folders of addresses that hold a token."""


def nginx(site: Site) -> str:
    """Return a server block for nginx, to be included in its `http` block."""
    prefix = site.base.rstrip("/")
    lines = [
        "server {",
        "    listen 80;  # TLS: add `listen 443 ssl;` and your certificate",
        f"    server_name {site.host};",
        f"    root {_nginx(str(site.public))};",
        "    charset utf-8;",
        f"    charset_types {PRESSED} text/plain;",
        "    gzip on;",
        *(_NGINX_PRESSED if site.pressed else ()),
        "    gzip_proxied any;",
        "    gzip_vary on;",
        f"    gzip_types {PRESSED} text/plain;",
        "    absolute_redirect off;",
        "    types {",
        *(f"        {kind} {name};" for name, kind in FEEDS.items() if name != "json"),
        *(f"        {kind} {' '.join(names)};" for kind, names in OTHERS.items()),
        "    }",
        "    add_header X-Content-Type-Options nosniff;",
        f'    add_header Cache-Control "public, max-age={MAX_AGE}";',
        "",
        # Their addresses are secrets, and what stands there is one person's: no log holds them.
        f"    location ~ ^{prefix}/({'|'.join(SECRET)})/ {{",
        "        access_log off;",
        *_nginx_proxy(site),
        "    }",
        f"    location ^~ {site.base}websub/callback/ {{",
        "        access_log off;",
        "        client_max_body_size 10m;  # whole feeds come here",
        *_nginx_proxy(site),
        "    }",
        *_nginx_moves(site),
    ]
    headers = _nginx_headers(site)
    for name, kind in FEEDS.items():
        lines += _nginx_feed(name, kind, headers, site)
    lines += [
        f"    location = {site.base}opml {{",
        "        default_type text/x-opml;",
        "        types { }",
        *(f"        {header}" for header in headers),
        "        try_files /opml.xml @publisher;",
        "    }",
        f"    location ~ ^{prefix}(?<document>/feeds/[^.]*)$ {{",
        "        error_page 418 = @publisher;  # a program that wants the feed, not its page",
        "        if ($http_accept ~ application/(rss|atom|feed)) { return 418; }",
        "        try_files $document ${document}index.html @publisher;",
        "    }",
        f"    location ~ ^{prefix}(?<document>/.*)$ {{",
        "        try_files $document ${document}index.html @publisher;",
        "    }",
        "    location @publisher {",
        *_nginx_proxy(site),
        "    }",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _nginx_proxy(site: Site) -> Iterator[str]:
    """Yield how a request is handed on."""
    yield "        # Publisher says itself what may be kept: one header here keeps off those above."
    yield "        proxy_hide_header X-Content-Type-Options;"
    yield "        add_header X-Content-Type-Options nosniff;"
    yield f"        proxy_pass http://{site.bind};"
    yield "        proxy_set_header Host $host;"
    yield "        proxy_set_header X-Forwarded-For $remote_addr;"
    yield "        proxy_set_header X-Forwarded-Proto $scheme;"


_NGINX_PRESSED = (
    "    gzip_static on;",
    "    # brotli_static on;  # with the module brotli (Debian: libnginx-mod-http-brotli-static)",
)


def _nginx_headers(site: Site) -> tuple[str, ...]:
    return (
        "add_header X-Content-Type-Options nosniff;",
        f'add_header Cache-Control "public, max-age={site.max_age}";',
        "add_header Access-Control-Allow-Origin *;",
        f'add_header Access-Control-Expose-Headers "{EXPOSED}";',
    )


def _nginx_feed(name: str, kind: str, headers: Sequence[str], site: Site) -> Iterator[str]:
    prefix, at = site.base.rstrip("/"), site.url.rstrip("/")
    yield f"    location ~ ^{prefix}(?<document>/feeds/.*\\.{name})$ {{"
    yield f"        default_type {kind};"
    yield "        types { }"
    yield from (f"        {header}" for header in headers)
    yield f'        add_header Link "<{at}$document>{site.link}";'
    yield "        error_page 418 = @publisher;  # which knows what is new since a version"
    yield "        if ($http_a_im ~ feed) { return 418; }"
    if kind != FEEDS["json"]:
        yield "        if ($http_accept ~ ^text/html) { return 418; }  # and what browsers show"
    yield "        try_files $document @publisher;"
    yield "    }"


def _nginx_moves(site: Site) -> Iterator[str]:
    for old, new in sorted(site.was.items()):
        yield f"    location ~ ^{site.base}feeds/{old}([./].*)$ {{ return 301 {site.base}feeds/{new}$1; }}"
    for slug in site.ended:
        yield f"    location ~ ^{site.base}feeds/{slug}[./][^?]*(rss|atom|json)$ {{ return 410; }}"
    for path, target in sorted(site.moved.items()):
        answer = f"301 {site.base}{quote(target)}" if target else "410"
        yield f"    location = {_nginx(site.base + path)} {{ return {answer}; }}"


def _nginx(text: str) -> str:
    """Return a word of nginx's language, quoted where it must be."""
    if all(letter.isalnum() or letter in "/._-~" for letter in text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return f'"{escaped}"'


def caddy(site: Site) -> str:
    """Return a Caddyfile."""
    base = site.base.rstrip("/")
    at = site.url.removesuffix("/").removesuffix(base)
    lines = [
        f"{site.url.split('//')[0]}//{site.host}" if site.url.startswith("http:") else site.host,
        "",
        "encode gzip",
        f"root * {_caddy(str(site.public))}",
        "",
        f"header {base}/* X-Content-Type-Options nosniff",
        "",
    ]
    for name, kind in FEEDS.items():
        lines += _caddy_feed(name, kind, site, base, at)
    lines += [
        "",
        "route {",
        *(f"\t{line}" for line in _caddy_moves(site)),
        f"\thandle_path {base}/* {{",
        "\t\t@opml path /opml",
        '\t\theader @opml Content-Type "text/x-opml; charset=utf-8"',
        "\t\trewrite @opml /opml.xml",
        "\t\t@there {",
        "\t\t\tfile {path} {path}/index.html",
        "\t\t\tnot header A-IM *feed*",
        "\t\t\tnot {",
        "\t\t\t\tpath_regexp ^/feeds/.*[.](rss|atom)$",
        "\t\t\t\theader Accept text/html*",
        "\t\t\t}",
        "\t\t\tnot {",
        "\t\t\t\tpath_regexp ^/feeds/[^.]*$",
        *(f"\t\t\t\theader Accept *{kind}*" for kind in FEEDS.values()),
        "\t\t\t}",
        "\t\t}",
        "\t\thandle @there {",
        "\t\t\tfile_server" + (" {" if site.pressed else ""),
        *(("\t\t\t\tprecompressed br gzip", "\t\t\t}") if site.pressed else ()),
        "\t\t}",
        "\t\thandle {",
        *([f"\t\t\trewrite * {base}{{uri}}"] if base else []),
        f"\t\t\treverse_proxy {site.bind}",
        "\t\t}",
        "\t}",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _caddy_feed(name: str, kind: str, site: Site, base: str, at: str) -> Iterator[str]:
    """Yield what is said of the documents of a format that Caddy answers with itself.

    What publisher answers has its own headers; two of each would confuse readers, and caches.
    """
    yield f"@{name} {{"
    yield f"\tpath {base}/feeds/*.{name}"
    yield f"\tnot path {base}/feeds/private/*"
    yield "\tnot header A-IM *feed*"
    if name != "json":
        yield "\tnot header Accept text/html*"
    yield "}"
    yield f"header @{name} {{"
    yield f'\tContent-Type "{kind}; charset=utf-8"'
    yield f'\tCache-Control "public, max-age={site.max_age}"'
    yield "\tAccess-Control-Allow-Origin *"
    yield f'\tAccess-Control-Expose-Headers "{EXPOSED}"'
    yield f'\tLink "<{at}{{http.request.orig_uri.path}}>{site.link}"'
    yield "}"


def _caddy_moves(site: Site) -> Iterator[str]:
    base = site.base
    for number, (old, new) in enumerate(sorted(site.was.items())):
        yield f"@was{number} path_regexp was{number} ^{base}feeds/{old}([./].*)$"
        yield f"redir @was{number} {base}feeds/{new}{{re.was{number}.1}} 301"
    for slug in site.ended:
        yield f"@over_{slug} path {base}feeds/{slug}.* {base}feeds/{slug}/archive/*"
        yield f"respond @over_{slug} 410"
    for path, target in sorted(site.moved.items()):
        here = _caddy(base + path)
        yield f"redir {here} {base}{quote(target)} 301" if target else f"respond {here} 410"


def _caddy(text: str) -> str:
    """Return a word of Caddy's language, quoted where it must be."""
    if text and all(letter.isalnum() or letter in "/._-~" for letter in text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def systemd(folder: Path, command: Sequence[str], user: str) -> str:
    """Return a unit that runs a publication's main job and starts it again when it dies."""
    words = " ".join(_systemd(word) for word in command)
    return f"""[Unit]
Description=publisher: {_systemd(folder.name)}
Wants=network-online.target
After=network-online.target

[Service]
ExecStart={words}
WorkingDirectory={_systemd(str(folder))}
User={user}
Restart=on-failure
RestartSec=5
# `run` has ended after 20 seconds in any case; copies that wait stay in the queue.
TimeoutStopSec=30
KillSignal=SIGTERM
ExecReload=/bin/kill -HUP $MAINPID
NoNewPrivileges=yes
ProtectSystem=strict
ReadWritePaths={_systemd(str(folder))}
PrivateTmp=yes

[Install]
WantedBy=multi-user.target
"""


def _systemd(text: str) -> str:
    """Return a word of a unit: percent signs and dollars doubled, quoted where it has blanks."""
    plain = text.replace("%", "%%").replace("$", "$$")
    return f'"{plain}"' if any(letter.isspace() for letter in plain) else plain
