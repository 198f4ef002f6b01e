"""An edition's sheet with what the transports know besides: which providers get less for a while."""

from collections.abc import Mapping
from dataclasses import replace

from publisher.app.app import App
from publisher.kit.providers import group_of
from publisher.model.editions import EditionId
from publisher.model.sheets import DomainTally, Sheet


def sheet_of(app: App, edition: EditionId) -> Sheet:
    """Return an edition's balance sheet as of now. Raises NotFound, StoreError."""
    now = app.clock.now()
    sheet = app.store.sheet(edition, now)
    names = {one.transport for one in sheet.tallies if one.transport}
    names.add(sheet.edition.transport or app.definitions.mail.transport)
    slowed: dict[str, float] = {}
    for name in names:
        prefix = f"{name} "
        for bucket, left in app.store.slowed(prefix, now).items():
            group = bucket.removeprefix(prefix)
            slowed[group] = min(left, slowed.get(group, 1.0))
    return replace(sheet, domains=_marked(sheet.domains, slowed)) if slowed else sheet


def _marked(
    domains: tuple[DomainTally, ...], slowed: Mapping[str, float]
) -> tuple[DomainTally, ...]:
    """Return the domains, each with the part of its provider's rate that is left."""
    return tuple(replace(one, left=slowed.get(group_of(one.domain), 1.0)) for one in domains)
