"""Asking DNS: real questions over loopback, to servers that answer well, at length, badly or not at all."""

import socket
import struct
import threading
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit import dns

NAME = "s1._domainkey.gazette.example"


def record(kind, data, name=b"\xc0\x0c"):
    return name + struct.pack("!HHIH", kind, 1, 300, len(data)) + data


def txt_record(*strings):
    return record(16, b"".join(bytes([len(item)]) + item for item in strings))


def answer(query, *records, flags=0x8180, number=None):
    """Return a well-formed answer to a question, with the question in it."""
    said = struct.unpack("!H", query[:2])[0] if number is None else number
    return struct.pack("!6H", said, flags, 1, len(records), 0, 0) + query[12:] + b"".join(records)


def one_port():
    """Return sockets for UDP and TCP on a port that is free for both."""
    while True:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        try:
            return udp, socket.create_server(udp.getsockname())
        except OSError:
            udp.close()


@contextmanager
def serving(brief, at_length=None):
    """Answer one question by UDP, and one by TCP where asked again."""
    udp, tcp = one_port()
    udp.settimeout(30)
    tcp.settimeout(30)
    asked = []

    def serve():
        query, who = udp.recvfrom(4_096)
        asked.append(query)
        if brief:
            udp.sendto(brief(query), who)
        if at_length:
            link, _ = tcp.accept()
            with link:
                again = link.recv(4_096)
                reply = at_length(again[2:])
                link.sendall(struct.pack("!H", len(reply)))
                link.sendall(reply)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield [udp.getsockname()], asked
    finally:
        thread.join(30)
        udp.close()
        tcp.close()


def test_the_texts_of_a_name_with_their_strings_joined():
    alias = record(5, b"\x05other\x07example\x00")
    texts = (txt_record(b"v=DKIM1; k=rsa; ", b"p=AAAA"), txt_record(b"other"))
    with serving(lambda query: answer(query, alias, *texts)) as (servers, asked):
        assert dns.txt(NAME, servers) == ("v=DKIM1; k=rsa; p=AAAA", "other")
    labels = b"\x02s1\x0a_domainkey\x07gazette\x07example\x00"
    assert (
        asked[0][2:] == b"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + labels + b"\x00\x10\x00\x01"
    )


@pytest.mark.parametrize("flags", [0x8180, 0x8183], ids=["no such record", "no such name"])
def test_nothing_there_is_an_answer_too(flags):
    with serving(lambda query: answer(query, flags=flags)) as (servers, _):
        assert dns.txt(NAME, servers) == ()


def test_what_is_too_long_for_a_datagram_is_asked_by_tcp():
    long = [b"x" * 255] * 20

    def cut(query):
        return answer(query, flags=0x8380)

    with serving(cut, lambda query: answer(query, txt_record(*long))) as (servers, _):
        assert dns.txt(NAME, servers) == ("x" * 5_100,)


@pytest.mark.parametrize(
    "bad",
    [
        lambda query: answer(query, txt_record(b"forged"), number=query[0] ^ 1),
        lambda query: answer(query, txt_record(b"refused"), flags=0x8185),
        lambda query: query,
        lambda query: answer(query, txt_record(b"torn"))[:-2],
        lambda _query: b"",
        lambda _query: b"\0" * 11,
    ],
    ids=["other number", "refused", "echo", "torn", "empty", "short"],
)
def test_nonsense_is_no_answer_and_the_next_one_is_asked(bad):
    with serving(bad) as (servers, _):
        assert dns.txt(NAME, servers) is None
    good = serving(lambda query: answer(query, txt_record(b"yes")))
    with serving(bad) as (first, _), good as (second, _):
        assert dns.txt(NAME, [*first, *second]) == ("yes",)


def test_nobody_who_answers_is_no_answer():
    with serving(None) as (servers, _):
        assert dns.txt(NAME, servers, seconds=0.05) is None
    assert dns.txt("a..b", [("127.0.0.1", 9)]) is None
    assert dns.txt("x" * 64, [("127.0.0.1", 9)]) is None


@given(st.binary(max_size=200))
def test_no_octets_bring_more_than_a_refusal(octets):
    data = struct.pack("!6H", 7, 0x8180, 1, 3, 0, 0) + octets
    try:
        found = dns._texts(data, 7)
    except (ValueError, IndexError, struct.error):
        return
    assert all(isinstance(text, str) for text in found)


@given(st.lists(st.lists(st.binary(max_size=255), max_size=4), max_size=4))
def test_what_was_written_is_read(written):
    query = dns._query(NAME, 7)
    data = answer(query, *(txt_record(*strings) for strings in written))
    expected = tuple(b"".join(strings).decode("utf-8", "replace") for strings in written)
    assert dns._texts(data, 7) == expected


def test_the_resolvers_of_this_machine(tmp_path, monkeypatch):
    path = tmp_path / "resolv.conf"
    monkeypatch.setattr(dns, "CONFIGURATION", path)
    assert dns.resolvers() == (("127.0.0.1", 53),)
    path.write_text(
        "# none\nsearch gazette.example\nnameserver 192.0.2.1\nnameserver 2001:db8::1\n"
    )
    assert dns.resolvers() == (("192.0.2.1", 53), ("2001:db8::1", 53))
