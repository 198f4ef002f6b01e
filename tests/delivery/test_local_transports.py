"""Maildir, files and standard output: the contract, and what each adds to it."""

import email
import io
import mailbox
import os
import stat
from pathlib import Path

import msgspec
import pytest

from publisher.delivery import eml, maildir, stdout
from publisher.errors import TransportUnavailable
from publisher.model.editions import OutcomeState
from publisher.model.messages import Parcel
from publisher.ports import TransportContext
from publisher.testing.transports import (
    FakeLedger,
    TransportContract,
    UnreachableContract,
    make_parcels,
)


def files(folder: Path) -> list[bytes]:
    return [f.read_bytes() for f in folder.iterdir() if f.is_file()] if folder.is_dir() else []


class TestMaildir(TransportContract):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path):
        self.path = tmp_path

    def open(self):
        context = TransportContext(name="outbox", root=self.path)
        return maildir.create(maildir.Options(), context)

    def received(self):
        return files(self.path / "var/outbox/new")

    def test_python_reads_it_as_a_maildir(self):
        self.send(make_parcels(2), FakeLedger())
        box = mailbox.Maildir(self.path / "var/outbox")
        assert {message["Subject"] for message in box} == {"Edition for 1", "Edition for 2"}
        assert not files(self.path / "var/outbox/tmp")

    def test_a_message_already_read_is_not_put_in_again(self):
        self.send(make_parcels(2), FakeLedger())
        (first, _) = sorted((self.path / "var/outbox/new").iterdir())
        first.rename(self.path / "var/outbox/cur" / f"{first.name}:2,S")
        ledger = FakeLedger()
        self.send(make_parcels(2), ledger)
        assert len(self.received()) == 1
        assert ledger.states() == {OutcomeState.ACCEPTED: 2}

    def test_names_cannot_leave_the_folder(self):
        hostile = Parcel(
            delivery=1,
            sender="",
            recipient="a@b",
            message_id="<../../../x/y:z@h>",
            pieces=(b"a\r\n",),
        )
        self.send([hostile], FakeLedger())
        assert self.received() == [b"a\n"]


class TestEml(TransportContract):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path):
        self.path = tmp_path

    def open(self):
        context = TransportContext(name="files", root=self.path)
        return eml.create(eml.Options(path="out"), context)

    def received(self):
        return files(self.path / "out")

    def test_the_bytes_are_those_of_the_parcel(self):
        parcels = make_parcels(2)
        self.send(parcels, FakeLedger())
        assert sorted(self.received()) == sorted(p.data for p in parcels)
        assert all(f.suffix == ".eml" for f in (self.path / "out").iterdir())


class TestStdout(TransportContract):
    rewrites = False

    @pytest.fixture(autouse=True)
    def _place(self):
        self.stream = io.BytesIO()

    def open(self):
        def write(data: bytes) -> None:
            self.stream.write(data)

        context = TransportContext(name="screen", root=Path(), write=write)
        return stdout.create(stdout.Options(separator="-- 8< --"), context)

    def received(self):
        return self.stream.getvalue().split(b"\n-- 8< --\n")[:-1]

    def test_a_message_can_be_read_from_the_stream(self):
        self.send(make_parcels(1), FakeLedger())
        assert email.message_from_bytes(self.received()[0])["Subject"] == "Edition for 1"

    def test_without_a_stream_it_writes_to_standard_output(self, capfdbinary):
        transport = stdout.create(stdout.Options(), TransportContext(name="screen", root=Path()))
        (parcel,) = make_parcels(1)
        transport.send(iter([parcel]), FakeLedger())
        assert capfdbinary.readouterr().out == parcel.data.replace(b"\r\n", b"\n") + b"\n"


class TestMaildirInTheWay(UnreachableContract):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path):
        self.path = tmp_path
        (tmp_path / "var").write_text("a file where a folder should be")

    def open(self):
        return maildir.create(maildir.Options(), TransportContext(name="outbox", root=self.path))


class TestEmlInTheWay(UnreachableContract):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path):
        (tmp_path / "out").mkdir()
        self.path = tmp_path
        for parcel in make_parcels(5):  # the folder is fine, its files cannot be written
            (tmp_path / "out" / f"{parcel.message_id.strip('<>')}.eml").mkdir()

    def open(self):
        return eml.create(eml.Options(path="out"), TransportContext(name="files", root=self.path))


class TestStdoutClosed(UnreachableContract):
    def open(self):
        def write(data: bytes) -> None:
            raise BrokenPipeError(32, os.strerror(32))

        return stdout.create(
            stdout.Options(), TransportContext(name="screen", root=Path(), write=write)
        )


def test_a_disk_that_fills_returns_what_was_not_written(tmp_path):
    transport = maildir.create(
        maildir.Options(path="box"), TransportContext(name="outbox", root=tmp_path)
    )
    parcels = make_parcels(maildir.BATCH * 2)
    blocked = tmp_path / "box/new" / parcels[maildir.BATCH + 1].message_id.strip("<>")
    blocked.mkdir(parents=True)
    ledger = FakeLedger()
    with pytest.raises(TransportUnavailable, match="box"):
        transport.send(iter(parcels), ledger)
    assert ledger.states() == {
        OutcomeState.ACCEPTED: maildir.BATCH,
        OutcomeState.RETURNED: maildir.BATCH,
    }
    assert not ledger.sending
    blocked.rmdir()
    transport.send(iter(parcels[maildir.BATCH :]), ledger)
    assert ledger.states() == {OutcomeState.ACCEPTED: maildir.BATCH * 2}
    assert len(list((tmp_path / "box/new").iterdir())) == maildir.BATCH * 2
    assert not list((tmp_path / "box/tmp").iterdir()), "a failed draft is cleared away"


def test_a_maildir_is_private(tmp_path):
    transport = maildir.create(
        maildir.Options(path="box"), TransportContext(name="outbox", root=tmp_path)
    )
    transport.send(iter(make_parcels(1)), FakeLedger())
    assert stat.S_IMODE((tmp_path / "box/new").stat().st_mode) == 0o700


@pytest.mark.parametrize("module", [maildir, eml, stdout])
def test_unknown_keys_are_refused(module):
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.convert({"pth": "x"}, module.Options)
