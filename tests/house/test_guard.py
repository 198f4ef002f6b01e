"""The rules every test runs under hold: no name and no address beyond this machine is reached."""

import socket

import pytest


@pytest.mark.parametrize("address", ["192.0.2.1", "8.8.8.8", "2001:db8::1"])
def test_a_foreign_address_fails_the_test(address: str):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with (
        socket.socket(family) as client,
        pytest.raises(RuntimeError, match="a test may not reach"),
    ):
        client.connect((address, 9))


def test_a_foreign_name_does_not_resolve():
    with pytest.raises(socket.gaierror):
        socket.create_connection(("feeds.example.org", 80), timeout=1)


def test_loopback_is_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
        server.accept()[0].close()
