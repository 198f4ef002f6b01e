"""Mail to the operators: plain text through a transport, outside any edition.

Serves the alarm and `doctor --tell`.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from publisher.core.alarming import hand_over
from publisher.errors import DeliveryError
from publisher.kit.mime import plain_letter
from publisher.model.definitions import Definitions
from publisher.ports import Signer, Transport

FOOT = (
    "This is the publisher of {title} ({url}), which keeps its files in {root}.\n"
    "It tells of one cause at most once a day; [alerts] in publisher.toml says whom."
)


def write(  # noqa: PLR0913  what a message is, and who carries and signs it
    definitions: Definitions,
    transport: Transport,
    now: datetime,
    subject: str,
    text: str,
    complain: Callable[[str, str], None],
    *,
    signer: Signer | None = None,
) -> None:
    """Send each operator a message.

    Those of several who could not be reached are complained about. Raises DeliveryError when none
    was, AddressError and FormatError for `[mail] from`.
    """
    who = definitions.publication
    foot = FOOT.format(title=who.title, url=who.url, root=definitions.root.resolve())
    parcels = [
        replace(
            plain_letter(
                sender=definitions.mail.sender,
                to=address,
                subject=f"[{who.title}] {subject}",
                text=f"{text}\n\n-- \n{foot}\n",
                date=now,
                signer=signer,
            ),
            delivery=number,
        )
        for number, address in enumerate(definitions.alerts.to)
    ]
    failed = hand_over(transport, parcels)
    reasons = "; ".join(dict.fromkeys(outcome.reason for outcome in failed))
    if len(failed) >= len(parcels):
        raise DeliveryError(
            f"transport {transport.name}", reasons or "there is nobody to write to"
        )
    if failed:
        complain("alarm", f"{len(failed)} of {len(parcels)} operators were not told: {reasons}")
