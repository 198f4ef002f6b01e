"""Newsletters from mailboxes: a real Dovecot, a Maildir, and servers that misbehave."""

import socket
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import pytest

from publisher.errors import FetchError
from publisher.kit.imap import encoded
from publisher.model.articles import SourceState
from publisher.net import Dialler, HttpFetcher
from publisher.ports import SourceContext
from publisher.sources import imap
from tests.sources.dovecot import PASSWORD, TLS, USER, dovecot

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FRESH = SourceState(key="i")


def letter(number, subject="", sender="ann@port.example", listed="letters.port.example"):
    return (
        f"From: Ann <{sender}>\r\nSubject: {subject or f'Letter {number}'}\r\n"
        f"Message-ID: <{number}@port.example>\r\nList-Id: Port <{listed}>\r\n"
        f"Date: Tue, 24 Nov 2026 08:{number:02d}:00 +0000\r\nContent-Type: text/html\r\n\r\n"
        f"<p>It is told in letter {number} of the harbour.</p>\r\n"
    ).encode()


def source(root, url, *, allow_private=True, limits=None, **more):
    context = SourceContext(
        key="i", root=root, fetcher=HttpFetcher(), dial=Dialler(allow_private=allow_private)
    )
    return imap.Newsletters(imap.Options(url=url, **more), context, **(limits or {}))


def after(collected):
    return SourceState(key="i", cursor=collected.cursor, last_success=NOON)


def titles(collected):
    return [article.title for article in collected.articles]


@pytest.fixture
def server(tmp_path_factory):
    with dovecot(tmp_path_factory.mktemp("dovecot")) as running:
        yield running


def test_a_real_server_is_read_by_tls_and_nothing_in_it_is_changed(server, tmp_path):
    for number in range(1, 4):
        server.deliver(letter(number))
    made = source(
        tmp_path,
        f"imap+tls://{USER}@localhost:{server.secure}/INBOX",
        password=PASSWORD,
        ca_file=str(TLS / "certificate.pem"),
    )
    first = made.collect(FRESH, NOON)
    assert titles(first) == ["Letter 1", "Letter 2", "Letter 3"]
    assert first.articles[0].external_id == "mid:1@port.example"
    assert first.partial
    nothing = made.collect(after(first), NOON)
    assert (nothing.unchanged, nothing.articles) == (True, ())
    server.deliver(letter(4))
    assert titles(made.collect(after(nothing), NOON)) == ["Letter 4"]
    marked = [path.name for path in server.mail.glob("*/*") if ":2,S" in path.name]
    assert marked == []


def test_starttls_and_folders_with_names_of_any_script(server, tmp_path):
    server.deliver(letter(1), folder=encoded("Häfen & Fähren"))
    made = source(
        tmp_path,
        f"imap+starttls://{USER}@localhost:{server.plain}/H%C3%A4fen%20&%20F%C3%A4hren",
        password=PASSWORD,
        ca_file=str(TLS / "certificate.pem"),
    )
    assert titles(made.collect(FRESH, NOON)) == ["Letter 1"]


def test_a_certificate_nobody_vouches_for_is_refused(server, tmp_path):
    made = source(tmp_path, f"imap+tls://{USER}@localhost:{server.secure}/", password=PASSWORD)
    with pytest.raises(FetchError, match="certificate"):
        made.collect(FRESH, NOON)


def test_what_a_server_refuses_is_said_in_one_line_without_the_password(server, tmp_path):
    def plain(path="", **more):
        return source(tmp_path, f"imap://{USER}@localhost:{server.plain}/{path}", **more)

    with pytest.raises(FetchError, match="user and password are refused"):
        plain(password="wrong").collect(FRESH, NOON)
    with pytest.raises(FetchError, match='there is no mailbox "Nowhere"'):
        plain("Nowhere", password=PASSWORD).collect(FRESH, NOON)


def test_only_wanted_lists_and_senders_are_taken_and_bad_mails_stop_no_other(server, tmp_path):
    server.deliver(letter(1))
    server.deliver(letter(2, listed="other.example"))
    server.deliver(letter(3, sender="bob@else.example"))
    server.deliver(b"\r\n")
    server.deliver(letter(5, subject="Please confirm your subscription https://port.example/c"))
    url = f"imap://{USER}@localhost:{server.plain}/"
    by_list = source(tmp_path, url, password=PASSWORD, lists=("<letters.PORT.example>",))
    assert "Letter 2" not in titles(by_list.collect(FRESH, NOON))
    by_sender = source(tmp_path, url, password=PASSWORD, senders=("@port.example",))
    found = by_sender.collect(FRESH, NOON)
    assert "Letter 3" not in titles(found)
    assert [problem.where for problem in found.problems] == ["mail 4"]


def test_of_a_full_mailbox_the_newest_are_taken_first_and_the_rest_is_left(server, tmp_path):
    for number in range(1, 8):
        server.deliver(letter(number))
    made = source(
        tmp_path,
        f"imap://{USER}@localhost:{server.plain}/",
        password=PASSWORD,
        backlog=3,
        limits={"at_once": 2},
    )
    first = made.collect(FRESH, NOON)
    second = made.collect(after(first), NOON)
    assert [*titles(first), *titles(second)] == ["Letter 5", "Letter 6", "Letter 7"]


def test_a_maildir_is_read_without_touching_it(tmp_path):
    for part in ("tmp", "new", "cur"):
        (tmp_path / "mail" / part).mkdir(parents=True)
    (tmp_path / "mail/new/1.a").write_bytes(letter(1))
    (tmp_path / "mail/cur/2.b:2,S").write_bytes(letter(2))
    made = source(tmp_path, "maildir:mail")
    first = made.collect(FRESH, NOON)
    assert sorted(titles(first)) == ["Letter 1", "Letter 2"]
    (tmp_path / "mail/new/1.a").rename(tmp_path / "mail/cur/1.a:2,S")  # somebody has read it
    assert made.collect(after(first), NOON).unchanged
    (tmp_path / "mail/new/3.c").write_bytes(letter(3))
    assert titles(made.collect(after(first), NOON)) == ["Letter 3"]
    assert (tmp_path / "mail/new/3.c").exists()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("maildir:../outside", "outside the publication"),
        ("maildir:nowhere", "no such Maildir"),
        ("https://x.example/", "is no mailbox"),
        ("imap+tls://host.example/", "is no mailbox"),
        ("imap+tls://a:secret@host.example/", "keep the password out"),
        ("imap://a@host.example/", "tells everybody the password"),
        ("imap+tls://a@[bad/", "is no mailbox"),
    ],
)
def test_addresses_that_cannot_be_are_refused(tmp_path, url, words):
    with pytest.raises(FetchError, match=words) as told:
        source(tmp_path, url).collect(FRESH, NOON)
    assert "secret" not in str(told.value)


def test_private_addresses_are_asked_only_when_allowed(tmp_path):
    made = source(tmp_path, "imap://a@127.0.0.1:1/", allow_private=False, password="x")
    with pytest.raises(FetchError, match="private address"):
        made.collect(FRESH, NOON)


@contextmanager
def scripted(*answers):
    """Serve one connection: each answer follows a line of the client, its tag put for `{}`."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def serve():
            connection, _ = listening.accept()
            with suppress(OSError), connection, connection.makefile("rb") as lines:
                connection.sendall(b"* OK ready\r\n")
                for answer in answers:
                    tag = lines.readline().split(b" ")[0]
                    if answer is None:
                        lines.read()  # says nothing until the client gives up
                        return
                    connection.sendall(answer.replace(b"{}", tag))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"imap://news@127.0.0.1:{listening.getsockname()[1]}/"
        thread.join(10)


HELLO = (
    b"* CAPABILITY IMAP4rev1\r\n{} OK done\r\n",
    b"{} OK in\r\n",
    b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n{} OK [READ-ONLY]\r\n",
    b"* SEARCH 1 2\r\n{} OK done\r\n",
)


def whole(uid, data):
    size = b"* 1 FETCH (UID %d RFC822.SIZE %d)\r\n{} OK done\r\n" % (uid, len(data))
    body = b"* 1 FETCH (UID %d BODY[] {%d}\r\n%b)\r\n{} OK done\r\n" % (uid, len(data), data)
    return (size, body)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ((), "no IMAP server answers|failed|hung up|login"),
        ((b"nonsense\r\n",), "failed|answers"),
        ((*HELLO[:3], b"{} NO not today\r\n"), "does not list|failed"),
        ((*HELLO, b"* BYE\r\n"), "failed"),
    ],
)
def test_servers_that_fail_are_errors_of_the_source(tmp_path, answers, words):
    with scripted(*answers) as url, pytest.raises(FetchError, match=words):
        source(tmp_path, url, password="x").collect(FRESH, NOON)


def test_what_came_before_a_drop_comes_through_and_the_rest_the_next_time(tmp_path):
    with scripted(*HELLO, *whole(1, letter(1)), b"* BYE\r\n") as url:
        found = source(tmp_path, url, password="x").collect(FRESH, NOON)
    assert titles(found) == ["Letter 1"]
    assert (found.cursor["uid"], len(found.problems)) == ("1", 1)


def test_a_literal_larger_than_said_is_not_read_and_not_asked_for_again(tmp_path):
    lie = (
        b"* 1 FETCH (UID 1 RFC822.SIZE 10)\r\n{} OK done\r\n",
        b"* 1 FETCH (BODY[] {99999999999}\r\n",
    )
    with scripted(*HELLO, *lie) as url:
        found = source(tmp_path, url, password="x").collect(FRESH, NOON)
    assert found.cursor["uid"] == "1"
    assert "larger than the server said" in found.problems[0].message


def test_a_mailbox_that_was_made_anew_is_read_anew_within_its_backlog(tmp_path):
    before = SourceState(key="i", cursor={"validity": "6", "uid": "900"}, last_success=NOON)
    with scripted(*HELLO, *whole(2, letter(2))) as url:
        found = source(tmp_path, url, password="x", backlog=1).collect(before, NOON)
    assert titles(found) == ["Letter 2"]
    assert found.cursor == {"validity": "7", "uid": "2"}


def test_a_server_that_says_nothing_is_given_up(tmp_path):
    with scripted(*HELLO[:2], None) as url, pytest.raises(FetchError):
        source(tmp_path, url, password="x", limits={"seconds": 0.3}).collect(FRESH, NOON)


@pytest.mark.parametrize(
    ("name", "wire"),
    [("INBOX", "INBOX"), ("a&b", "a&-b"), ("Entwürfe", "Entw&APw-rfe"), ("台北", "&U,BTFw-")],
)
def test_names_are_written_in_modified_utf7(name, wire):
    assert encoded(name) == wire
