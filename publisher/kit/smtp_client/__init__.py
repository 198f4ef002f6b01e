"""An SMTP client that pipelines across messages and knows what became of every one of them.

Serves delivery.smtp. Touches the network. `SmtpClient` is synchronous; what is inside runs on
`asyncio.Protocol`, because that costs 20 microseconds a message where smtplib costs 400, and takes
one round trip where smtplib takes four.
"""

from publisher.kit.smtp_client.carrier import SmtpClient
from publisher.kit.smtp_client.meters import SharedMeters
from publisher.kit.smtp_client.settings import Security, SmtpSettings, Timeouts, is_loopback

__all__ = ["Security", "SharedMeters", "SmtpClient", "SmtpSettings", "Timeouts", "is_loopback"]
