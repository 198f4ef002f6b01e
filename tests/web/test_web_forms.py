"""Forms are read from whatever a browser or a mail program makes of them."""

from hypothesis import given
from hypothesis import strategies as st

from publisher.web.forms import one, read_form

URLENCODED = "application/x-www-form-urlencoded"


def multipart(fields: list[tuple[str, str]], boundary: str = "xYz") -> tuple[str, bytes]:
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields
    )
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()


def test_one_click_in_both_forms() -> None:
    plain = read_form(URLENCODED, b"List-Unsubscribe=One-Click")
    parts = read_form(*multipart([("List-Unsubscribe", "One-Click")]))
    assert plain == parts == {"List-Unsubscribe": ["One-Click"]}


def test_repeated_fields_keep_their_order() -> None:
    assert read_form(URLENCODED, b"want=b&want=a&name=") == {"want": ["b", "a"], "name": [""]}
    assert read_form(*multipart([("want", "b"), ("want", "a")])) == {"want": ["b", "a"]}


def test_files_are_left_out() -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nhm\r\n--x--'
    assert read_form("multipart/form-data; boundary=x", head) == {}


def test_one_line_is_clean_and_short() -> None:
    form = {"name": ["first", "  Ada\r\n\x00 Lind\u202eqvist\t"], "long": ["x" * 900]}
    assert one(form, "name") == "Ada Lind qvist"
    assert len(one(form, "long")) == 200
    assert one(form, "absent") == ""


def test_too_many_fields_are_an_empty_form() -> None:
    assert read_form(URLENCODED, b"a=1&" * 2_000) == {}


@given(st.text(max_size=60), st.binary(max_size=400))
def test_no_body_is_an_error(content_type: str, body: bytes) -> None:
    for kind in (content_type, f"multipart/form-data; boundary={content_type}", URLENCODED):
        form = read_form(kind, body)
        assert all(one(form, name).isprintable() for name in form)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.text("xyz äß€", max_size=9)), max_size=6))
def test_multipart_gives_back_what_went_in(fields: list[tuple[str, str]]) -> None:
    form = read_form(*multipart(fields))
    assert form == {name: [value for key, value in fields if key == name] for name, _ in fields}
