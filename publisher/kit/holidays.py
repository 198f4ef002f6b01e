"""Public holidays of a country or its subdivision, by name.

Serves `skip.holidays` of schedules. The only importer of holidays, late: it costs 0.3 s.
"""

import importlib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from publisher.errors import ConfigError


def holiday(region: str, day: date) -> str:
    """Return the name of the holiday in a region ("DE", "DE-BE") on that day, or "".

    Raises ConfigError for an unknown region.
    """
    return _year(region.upper(), day.year).get(day, "")


def check_region(region: str) -> None:
    """Make sure that the holidays of a region are known. Raises ConfigError."""
    _year(region.upper(), 2024)


@lru_cache(maxsize=256)
def _year(region: str, year: int) -> Mapping[date, str]:
    country, _, subdivision = region.partition("-")
    library: Any = importlib.import_module("holidays")
    try:
        named = library.country_holidays(country, subdiv=subdivision or None)
    except NotImplementedError as error:
        raise ConfigError("", _unknown(library, region, country)) from error
    # The country's own language, else names would follow the locale of whoever started the process.
    found = library.country_holidays(
        country, subdiv=subdivision or None, years=year, language=named.default_language
    )
    return {day: str(name) for day, name in found.items()}


def _unknown(library: Any, region: str, country: str) -> str:
    subdivisions = library.list_supported_countries().get(country)
    if subdivisions is None:
        return f'no holidays are known for "{region}": write a country such as DE, or DE-BE'
    known = ", ".join(subdivisions) or "none"
    return f'no holidays are known for "{region}": parts of {country} are {known}'
