"""Pictures from anywhere: what comes out is small, upright, bare, and the same each time."""

import io
import random
import struct
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw, ImageOps

from publisher.errors import ParseError
from publisher.kit.pictures import SafePictures, fit, measure
from publisher.kit.worker import WorkerPool

WIDTH, QUALITY = 600, 82


def bytes_of(image, form, **options):
    made = io.BytesIO()
    image.save(made, form, **options)
    return made.getvalue()


def photo(width, height, mode="RGB"):
    """Something with many colours that compresses like a photograph."""
    grain = (max(2, width // 8), max(2, height // 8))
    small = Image.frombytes("RGB", grain, random.Random(7).randbytes(3 * grain[0] * grain[1]))
    return small.resize((width, height), Image.Resampling.BICUBIC).convert(mode)


def drawing(width, height):
    """A red field with a blue left upper quarter: tells which way is up."""
    image = Image.new("RGB", (width, height), (200, 30, 30))
    ImageDraw.Draw(image).rectangle((0, 0, width // 2, height // 2), fill=(20, 20, 160))
    return image


def opened(picture):
    return Image.open(io.BytesIO(picture.data))


def png(width, height, *chunks, depth=8, kind=2):
    """A PNG of its head and these (name, content) chunks, whether they fit or not."""
    head = (b"IHDR", struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0))
    written = b"\x89PNG\r\n\x1a\n"
    for name, content in (head, *chunks, (b"IEND", b"")):
        checksum = zlib.crc32(name + content)
        written += struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)
    return written


@pytest.fixture(scope="module")
def pictures():
    pool = WorkerPool(1)
    yield SafePictures(width=WIDTH, quality=QUALITY, pool=pool)
    pool.close()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "AVIF"])
def test_every_format_that_is_opened_comes_out_as_one_that_mail_shows(form, pictures):
    data = bytes_of(photo(1500, 1000), form)
    picture = pictures.fit(data)
    assert picture.media_type in {"image/jpeg", "image/png"}
    assert opened(picture).format == picture.media_type.removeprefix("image/").upper()
    assert opened(picture).size == (1200, 800)
    assert (picture.width, picture.height) == (600, 400)
    assert pictures.measure(data) == (600, 400)


@pytest.mark.parametrize("form", ["TIFF", "BMP", "ICO", "PPM", "PCX", "TGA", "JPEG2000"])
def test_no_other_format_is_opened(form):
    with pytest.raises(ParseError, match="is not a JPEG, PNG, GIF, WebP or AVIF picture"):
        fit(bytes_of(photo(64, 64), form), WIDTH, QUALITY)


@given(
    size=st.tuples(st.integers(1, 400), st.integers(1, 400)),
    width=st.integers(1, 250),
    form=st.sampled_from(["JPEG", "PNG", "GIF", "WEBP"]),
    mode=st.sampled_from(["RGB", "L", "RGBA"]),
)
@settings(max_examples=40)
def test_it_is_never_enlarged_nor_wider_than_twice_the_column(size, width, form, mode):
    image = photo(*size, "L") if mode == "L" else photo(*size)
    if mode == "RGBA" and form != "JPEG":
        image.putalpha(image.convert("L"))
    data = bytes_of(image, form)
    picture = fit(data, width, QUALITY)
    stored = opened(picture)
    assert stored.width == min(size[0], 2 * width)
    assert stored.height == max(1, round(size[1] * stored.width / size[0]))
    assert picture.width == min(size[0], width)
    assert picture.height == max(1, round(size[1] * picture.width / size[0]))
    assert (picture.width, picture.height) == measure(data, width)


def test_the_same_bytes_give_the_same_picture_in_any_process(pictures):
    for data in (bytes_of(photo(1300, 700), "JPEG"), bytes_of(drawing(700, 300), "PNG")):
        assert pictures.fit(data) == fit(data, WIDTH, QUALITY) == fit(data, WIDTH, QUALITY)


def described():
    """Metadata as cameras and editors write it: place, owner, comment, thumbnail."""
    exif = Image.Exif()
    exif[0x010F] = "Camera of Ada"
    exif[0x9286] = "my private comment"
    exif.get_ifd(0x8825).update({1: "N", 2: (53.0, 33.0, 1.0), 3: "E", 4: (9.0, 59.0, 1.0)})
    return exif.tobytes()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("size", [(1600, 900), (400, 300)])
def test_nothing_but_the_picture_goes_out(form, size):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    more = {"comment": b"a secret remark"} if form == "JPEG" else {}
    data = bytes_of(photo(*size), form, exif=described(), icc_profile=profile, **more)
    picture = fit(data, WIDTH, QUALITY)
    stored = opened(picture)
    stored.load()
    assert not dict(stored.getexif())
    assert set(stored.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive",
                                "progression"}  # fmt: skip
    for secret in (b"Ada", b"private", b"secret", b"Exif", b"ICC_PROFILE", b"http"):
        assert secret not in picture.data


@pytest.mark.parametrize(
    ("orientation", "size"), [*((turn, (400, 200)) for turn in range(1, 9)), (6, (4800, 2400))]
)
def test_it_stands_upright(orientation, size):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = bytes_of(drawing(*size), "JPEG", quality=95, exif=exif.tobytes())
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    picture = fit(data, WIDTH, 95)
    stored = opened(picture).convert("RGB")
    assert picture.width / picture.height == pytest.approx(expected.width / expected.height, 0.01)
    assert measure(data, WIDTH) == (picture.width, picture.height)
    for x, y in ((0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9)):
        there = stored.getpixel((int(x * stored.width), int(y * stored.height)))
        wanted = expected.getpixel((int(x * expected.width), int(y * expected.height)))
        assert all(abs(a - b) < 12 for a, b in zip(there, wanted, strict=True))


def test_a_drawing_keeps_its_colours_exactly_and_stays_small():
    dice = random.Random(11)
    mosaic = Image.frombytes("RGB", (16, 16), dice.randbytes(3 * 256))
    image = mosaic.resize((160, 160), Image.Resampling.NEAREST)
    picture = fit(bytes_of(image, "PNG"), WIDTH, QUALITY)
    assert picture.media_type == "image/png"
    assert opened(picture).convert("RGB").tobytes() == image.tobytes()
    large = drawing(1200, 800)
    assert len(fit(bytes_of(large, "PNG"), WIDTH, QUALITY).data) < len(bytes_of(large, "JPEG"))


def test_what_shines_through_stays_so_and_what_only_might_becomes_jpeg():
    glass = photo(300, 200)
    glass.putalpha(Image.linear_gradient("L").resize(glass.size))
    kept = fit(bytes_of(glass, "PNG"), WIDTH, QUALITY)
    assert kept.media_type == "image/png"
    assert opened(kept).getchannel("A").getextrema()[0] < 10
    glass.putalpha(255)
    assert fit(bytes_of(glass, "PNG"), WIDTH, QUALITY).media_type == "image/jpeg"


def test_a_palette_with_a_see_through_colour_keeps_it():
    image = drawing(40, 20).quantize(4)
    picture = fit(bytes_of(image, "PNG", transparency=image.getpixel((0, 0))), WIDTH, QUALITY)
    assert opened(picture).convert("RGBA").getpixel((0, 0))[3] == 0
    assert opened(picture).convert("RGBA").getpixel((39, 19)) == (200, 30, 30, 255)


def test_sixteen_bits_a_pixel_become_eight_without_being_cut():
    image = Image.new("I;16", (256, 1))
    image.putdata([x * 257 for x in range(256)])
    picture = fit(bytes_of(image, "PNG"), WIDTH, QUALITY)
    found = opened(picture).convert("L").tobytes()
    assert all(abs(grey - x) <= 3 for x, grey in enumerate(found))


def test_the_colours_of_print_become_those_of_a_screen():
    cyan = Image.new("CMYK", (300, 200), (255, 0, 0, 0))
    red, green, blue = (
        opened(fit(bytes_of(cyan, "JPEG"), WIDTH, 95)).convert("RGB").getpixel((9, 9))
    )
    assert red < 60
    assert min(green, blue) > 200


def test_a_colour_profile_is_applied_and_then_dropped():
    """In this profile red means blue: numbers left as they are would show the wrong colour."""
    red = Image.new("RGB", (300, 200), (255, 0, 0))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    odd = profile.replace(b"rXYZ", b"tXYZ").replace(b"bXYZ", b"rXYZ").replace(b"tXYZ", b"bXYZ")
    for mode in ("RGB", "RGBA"):
        glass = red.convert(mode)
        if mode == "RGBA":
            glass.putpixel((0, 0), (0, 0, 0, 0))
        for given_profile, colour in ((profile, (255, 0, 0)), (odd, (0, 0, 255))):
            data = bytes_of(glass, "PNG", icc_profile=given_profile)
            shown = opened(fit(data, WIDTH, 95)).convert("RGBA")
            assert all(
                abs(a - b) < 4 for a, b in zip(shown.getpixel((9, 9)), colour, strict=False)
            )
            assert shown.getpixel((0, 0))[3] == (0 if mode == "RGBA" else 255)


def test_an_animation_gives_its_first_moment():
    frames = [Image.new("RGB", (50, 40), colour) for colour in ("red", "lime", "blue")]
    for form in ("GIF", "WEBP", "PNG"):
        data = bytes_of(frames[0], form, save_all=True, append_images=frames[1:], duration=100)
        shown = opened(fit(data, WIDTH, 95))
        assert getattr(shown, "n_frames", 1) == 1
        assert shown.convert("RGB").getpixel((9, 9))[0] > 240


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
JPEG = bytes_of(photo(300, 200), "JPEG")
PNG = bytes_of(photo(300, 200), "PNG")
SMALL = [JPEG, PNG, *(bytes_of(photo(40, 30), form) for form in ("GIF", "WEBP"))]
HOSTILE = {
    "nothing": (b"", "is not a"),
    "a script in a drawing": (SVG, "is not a"),
    "a page": (b"<!doctype html><title>404</title>", "is not a"),
    "a program": (b"\x7fELF" + bytes(500), "is not a"),
    "a bomb": (png(50_000, 50_000, (b"IDAT", zlib.compress(bytes(99)))), "million pixels"),
    "a wide bomb": (png(2**31 - 1, 1, (b"IDAT", zlib.compress(bytes(99)))), "million pixels"),
    "a bomb just below the library's own limit": (
        png(9_000, 9_000, (b"IDAT", zlib.compress(bytes(99)))),
        "64 million pixels",
    ),
    "a GIF as large as GIFs go": (
        b"GIF89a" + b"\xff" * 4 + b"\0\0\0," + bytes(4) + b"\xff" * 4 + b"\0\2",
        "million",
    ),
    "no pixels": (png(0, 0), "is"),
    "half a JPEG": (JPEG[: len(JPEG) // 2], "is damaged"),
    "half a PNG": (PNG[: len(PNG) // 2], "is damaged"),
    "a head alone": (JPEG[:20], "is"),
    "a PNG with a wrong checksum": (PNG[:29] + b"XXXX" + PNG[33:], "is"),
    "text that unpacks to much more": (
        png(5, 5, (b"zTXt", b"k\0\0" + zlib.compress(bytes(2**23)))),
        "is damaged",
    ),
    "a profile that unpacks to much more": (
        png(5, 5, (b"iCCP", b"k\0\0" + zlib.compress(bytes(2**23)))),
        "is damaged",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_picture_is_told_in_one_line(data, reason, pictures):
    begun = time.monotonic()
    for call in (pictures.fit, lambda data: fit(data, WIDTH, QUALITY)):
        with pytest.raises(ParseError, match=reason) as caught:
            call(data)
        assert "\n" not in str(caught.value)
    assert time.monotonic() - begun < 10
    assert pictures.fit(JPEG).width == 300


@pytest.mark.parametrize("tail", [b"<script>alert(1)</script>", b"PK\x03\x04" + bytes(99), SVG])
def test_what_hides_behind_or_inside_a_picture_does_not_go_out(tail):
    inside = JPEG[:2] + b"\xff\xfe" + struct.pack(">H", len(tail) + 2) + tail + JPEG[2:]
    for data in (JPEG + tail, inside, PNG + tail):
        assert tail[:8] not in fit(data, WIDTH, QUALITY).data


def test_metadata_that_is_garbage_harms_nothing_else():
    endless = b"Exif\0\0MM\0*" + b"\xff" * 60_000
    misleading = b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(99)
    for exif in (endless, misleading):
        data = JPEG[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + JPEG[2:]
        assert fit(data, WIDTH, QUALITY).width == 300
    large = bytes_of(photo(300, 200), "JPEG", icc_profile=b"\xff" * 900_000)
    assert fit(large, WIDTH, QUALITY).height == 200


@given(st.data())
@settings(max_examples=100)
def test_damaged_bytes_give_a_picture_or_the_one_error(data):
    whole = data.draw(st.sampled_from(SMALL))
    broken = bytearray(whole)
    for place, value in data.draw(
        st.lists(st.tuples(st.integers(0, min(400, len(whole) - 1)), st.integers(0, 255)), max_size=6)
    ):  # fmt: skip
        broken[place] = value
    try:
        picture = fit(bytes(broken[: data.draw(st.integers(0, len(broken)))]), WIDTH, QUALITY)
    except ParseError as error:
        assert error.reason  # noqa: PT017  both are good endings
    else:
        assert opened(picture).width <= 2 * WIDTH


def test_one_that_takes_too_long_or_too_much_is_left(pictures):
    pool = WorkerPool(1)
    slow = SafePictures(width=WIDTH, quality=QUALITY, pool=pool, seconds=0.001)
    with pytest.raises(ParseError, match="cannot be decoded: took longer"):
        slow.fit(JPEG)
    pool.close()
    tight = WorkerPool(1, memory=200 * 1024**2)
    huge = png(8_000, 7_900, (b"IDAT", zlib.compress(bytes(99))))
    with pytest.raises(ParseError, match="cannot be decoded: needed too much memory"):
        SafePictures(width=WIDTH, quality=QUALITY, pool=tight).fit(huge)
    tight.close()
    assert pictures.fit(JPEG).height == 200
