"""From nothing to a session: connect, greet, secure, greet again, log in.

Serves the lanes. Touches one socket. Fails closed: without the security asked for nothing is said.
TransportUnavailable means later or elsewhere, TransportRejected that the operator has to act.
"""

import asyncio
import os
import ssl
from base64 import b64encode

from publisher.errors import ConfigError, TransportRejected, TransportUnavailable
from publisher.kit.smtp_client.replies import Reply
from publisher.kit.smtp_client.session import Session
from publisher.kit.smtp_client.settings import Security, SmtpSettings, is_loopback
from publisher.kit.smtp_client.wire import ConnectionEnded, Wire

_DONE, _GO_ON, _NEVER = 2, 3, 5
_UNKNOWN_COMMAND = frozenset({500, 502, 504})


async def open_session(settings: SmtpSettings, context: ssl.SSLContext) -> Session:
    """Open a session. Raises TransportUnavailable, TransportRejected."""
    wire = await _connect(settings)
    try:
        features = await _introduce(wire, settings, context)
    except ConnectionEnded as error:
        raise TransportUnavailable(settings.peer, error.reason) from None
    except BaseException:
        wire.end("not opened")
        raise
    return Session(wire, settings, features)


async def _connect(settings: SmtpSettings) -> Wire:
    loop = asyncio.get_running_loop()
    host = settings.host.strip("[]")
    try:
        async with asyncio.timeout(settings.timeouts.connect):
            if settings.socket:
                _, wire = await loop.create_unix_connection(Wire, settings.socket)
            else:
                _, wire = await loop.create_connection(Wire, host, settings.port)
    except TimeoutError:
        raise TransportUnavailable(settings.peer, "no connection in time") from None
    except OSError as error:
        # asyncio puts a sentence with the address into strerror, but keeps the number.
        number = error.errno or 0
        reason = os.strerror(number) if number > 0 else error.strerror or str(error)
        raise TransportUnavailable(settings.peer, f"cannot connect: {reason}") from None
    return wire


async def _introduce(
    wire: Wire, settings: SmtpSettings, context: ssl.SSLContext
) -> dict[str, str]:
    if settings.security is Security.NONE and not (settings.insecure or settings.socket):
        if not wire.peer:  # reset so soon that nobody can tell who it was
            raise TransportUnavailable(settings.peer, "the connection ended at once")
        if not is_loopback(wire.peer):
            raise TransportRejected(settings.peer, "is not this machine, and nothing is encrypted")
    elif settings.security is Security.IMPLICIT:
        await _secure(wire, settings, context)
    greeting = await wire.reply(settings.timeouts.greeting)
    _expect(greeting, settings, "the relay's greeting is a refusal")
    features = await _hello(wire, settings)
    secured = settings.security is Security.IMPLICIT
    if settings.security in {Security.STARTTLS, Security.OPPORTUNISTIC}:
        secured = await _offers_tls(wire, settings, features)
        if secured:  # what was said before TLS counts for nothing, RFC 3207 section 4.2
            await _secure(wire, settings, context)
            features = await _hello(wire, settings)
    if settings.username:
        await _log_in(wire, settings, features, secured=secured)
    return features


async def _hello(wire: Wire, settings: SmtpSettings) -> dict[str, str]:
    """Return the relay's extensions by upper-case keyword (RFC 5321 section 4.1.1.1)."""
    verb = "LHLO" if settings.lmtp else "EHLO"
    reply = await _command(wire, settings, f"{verb} {settings.helo}")
    if reply.code in _UNKNOWN_COMMAND and not settings.lmtp:
        reply = await _command(wire, settings, f"HELO {settings.helo}")
        _expect(reply, settings, "the relay refuses HELO")
        return {}
    _expect(reply, settings, f"the relay refuses {verb}")
    features: dict[str, str] = {}
    for line in reply.lines[1:]:
        keyword, _, parameters = line.strip().replace("AUTH=", "AUTH ", 1).partition(" ")
        known = features.get(keyword.upper(), "")
        features[keyword.upper()] = f"{known} {parameters}".strip()
    return features


async def _offers_tls(wire: Wire, settings: SmtpSettings, features: dict[str, str]) -> bool:
    required = settings.security is Security.STARTTLS
    if "STARTTLS" not in features:
        if required:
            raise TransportUnavailable(
                settings.peer, "does not offer STARTTLS, and nothing is sent without it"
            )
        return False
    reply = await _command(wire, settings, "STARTTLS")
    if reply.kind != _DONE:
        if required:
            raise TransportUnavailable(settings.peer, f"refuses STARTTLS: {reply}")
        return False
    return True


async def _secure(wire: Wire, settings: SmtpSettings, context: ssl.SSLContext) -> None:
    host = settings.host.strip("[]")
    try:
        await wire.start_tls(context, host, settings.timeouts.connect)
    except ssl.SSLCertVerificationError as error:
        reason = f"its certificate is not good: {error.verify_message}"
        raise TransportUnavailable(settings.peer, reason) from None
    except OSError as error:
        reason = getattr(error, "reason", None) or error.strerror or str(error)
        raise TransportUnavailable(settings.peer, f"TLS failed: {reason}") from None


def tls_context(settings: SmtpSettings) -> ssl.SSLContext:
    """Return a context for TLS 1.2 and later; certificates are checked unless opportunistic.

    Raises TransportRejected when the operator's `ca_file` cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=settings.ca_file or None)
    except OSError as error:
        reason = f"ca_file {settings.ca_file} cannot be used: {error.strerror or error}"
        raise TransportRejected(settings.name, reason) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.security is Security.OPPORTUNISTIC:  # RFC 7435: encryption without authentication
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


async def _log_in(
    wire: Wire, settings: SmtpSettings, features: dict[str, str], *, secured: bool
) -> None:
    if not secured and not (settings.insecure or settings.socket or is_loopback(wire.peer)):
        raise TransportRejected(settings.peer, "the password is not sent without TLS")
    offered = features.get("AUTH", "").upper().split()
    wanted = ("XOAUTH2",) if settings.token is not None else ("PLAIN", "LOGIN")
    mechanism = next((name for name in wanted if name in offered), "")
    if not mechanism:
        reason = (
            f"does not offer AUTH {' or '.join(wanted)} (offered: {' '.join(offered) or 'none'})"
        )
        raise TransportRejected(settings.peer, reason)
    reply = await _MECHANISMS[mechanism](wire, settings)
    _expect(reply, settings, "the relay refuses the login")


async def _plain(wire: Wire, settings: SmtpSettings) -> Reply:
    secret = f"\0{settings.username}\0{settings.password}"
    return await _command(wire, settings, f"AUTH PLAIN {_base64(secret)}")


async def _login(wire: Wire, settings: SmtpSettings) -> Reply:
    reply = await _command(wire, settings, "AUTH LOGIN")
    for answer in (settings.username, settings.password):
        if reply.kind != _GO_ON:
            break
        reply = await _command(wire, settings, _base64(answer))
    return reply


async def _xoauth2(wire: Wire, settings: SmtpSettings) -> Reply:
    """Log in with a bearer token, read at this moment: it may have been renewed since the last time.

    A refusal comes as a challenge that holds the reason; an empty answer brings the 5xx.
    """
    try:
        token = settings.token() if settings.token is not None else ""
    except ConfigError as error:
        raise TransportRejected(settings.peer, f"there is no token: {error}") from None
    secret = f"user={settings.username}\1auth=Bearer {token.strip()}\1\1"
    reply = await _command(wire, settings, f"AUTH XOAUTH2 {_base64(secret)}")
    return await _command(wire, settings, "") if reply.kind == _GO_ON else reply


_MECHANISMS = {"PLAIN": _plain, "LOGIN": _login, "XOAUTH2": _xoauth2}


def _base64(text: str) -> str:
    return b64encode(text.encode("utf-8")).decode("ascii")


async def _command(wire: Wire, settings: SmtpSettings, line: str) -> Reply:
    wire.write(line.encode("utf-8") + b"\r\n")
    return await wire.reply(settings.timeouts.command)


def _expect(reply: Reply, settings: SmtpSettings, complaint: str) -> None:
    """Let 2xx pass; 5xx needs the operator, anything else needs time."""
    if reply.kind == _NEVER:
        raise TransportRejected(settings.peer, f"{complaint}: {reply}")
    if reply.kind != _DONE:
        raise TransportUnavailable(settings.peer, f"{complaint}: {reply}")
