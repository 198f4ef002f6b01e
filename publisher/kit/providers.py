"""Which domains share one set of mail servers, and so one limit and one line in what is shown.

Serves rates, metrics and balance sheets. Pure.
"""

import re

_GROUPS = {
    "gmail.com": ("gmail.com", "googlemail.com"),
    "outlook.com": ("outlook.com", "hotmail.com", "live.com", "msn.com", "passport.com"),
    "yahoo.com": ("yahoo.com", "ymail.com", "rocketmail.com", "aol.com", "aim.com", "verizon.net"),
    "icloud.com": ("icloud.com", "me.com", "mac.com"),
    "gmx.net": ("gmx.net", "gmx.de", "gmx.at", "gmx.ch", "gmx.com", "web.de"),
    "proton.me": ("proton.me", "protonmail.com", "protonmail.ch", "pm.me"),
    "yandex.ru": ("yandex.ru", "yandex.com", "ya.ru"),
    "mail.ru": ("mail.ru", "inbox.ru", "list.ru", "bk.ru"),
}
PROVIDERS = frozenset(_GROUPS)
"""The names of the groups of large providers: few enough for a metric's label."""

_BY_DOMAIN = {domain: group for group, domains in _GROUPS.items() for domain in domains}
_WORLDWIDE = {
    "outlook": "outlook.com",
    "hotmail": "outlook.com",
    "live": "outlook.com",
    "yahoo": "yahoo.com",
    "aol": "yahoo.com",
}
_ON_ITS_OWN = frozenset({"yahoo.co.jp"})  # another company under the same name
_NATIONAL = re.compile(r"[a-z]{1,3}(\.[a-z]{1,3})?")  # de, co.uk, com.br


def group_of(domain: str) -> str:
    """Return the name of a domain's group: one of its domains, or the domain itself."""
    domain = domain.lower()
    known = _BY_DOMAIN.get(domain)
    if known is not None:
        return known
    name, _, ending = domain.partition(".")
    group = _WORLDWIDE.get(name)
    national = _NATIONAL.fullmatch(ending) is not None
    return group if group and national and domain not in _ON_ITS_OWN else domain
