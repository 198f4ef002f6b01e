"""Pictures made fit for mail: decoded, turned upright, resized, stripped of everything but the picture.

Serves core.illustrating through the port Pictures; the only importer of Pillow. What strangers call a
picture is decoded in a process that can be killed: a few bytes may claim gigabytes of pixels, and
decoders have had holes. The same bytes give the same picture, so its hash can be its address.
"""

import io
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from PIL import ExifTags, Image, ImageCms, UnidentifiedImageError

from publisher.errors import ParseError
from publisher.kit.worker import WorkerLost, WorkerPool, shared_pool
from publisher.ports import Picture

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF")
"""All that is opened. Not SVG, which is a program, nor the dozens of old formats Pillow knows."""

PIXELS = 64_000_000
"""More than any camera a newspaper uses; 256 MB when decoded with transparency."""

DENSITY = 2
"""Stored pixels for each shown one: screens of phones have two and more."""

COLOURS = 256
"""A picture with no more is a drawing: PNG keeps its edges, and is often smaller than JPEG."""

SECONDS = 10.0

# Whatever Pillow raises on damaged bytes; a lack of memory is told by the worker.
_DAMAGED = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What sets a picture upright, by the orientation its camera wrote into it (Exif 2.3, tag 0x0112)."""

_SIDEWAYS = (5, 6, 7, 8)


class SafePictures:
    """The port Pictures: `width` in CSS pixels, `quality` that of JPEG (1 to 95)."""

    def __init__(
        self, *, width: int, quality: int, pool: WorkerPool | None = None, seconds: float = SECONDS
    ) -> None:
        self._width = width
        self._quality = quality
        self._pool = pool
        self._seconds = seconds

    def fit(self, data: bytes) -> Picture:
        """Return the picture as mail shows it; see the port. Raises ParseError."""
        try:
            return self._workers.run(self._seconds, fit, data, self._width, self._quality)
        except WorkerLost as error:
            raise ParseError("", f"cannot be decoded: {error.reason}") from error

    def measure(self, data: bytes) -> tuple[int, int]:
        """Return the width and height at which it is shown. Raises ParseError."""
        try:
            return self._workers.run(self._seconds, measure, data, self._width)
        except WorkerLost as error:
            raise ParseError("", f"cannot be measured: {error.reason}") from error

    @property
    def _workers(self) -> WorkerPool:
        return self._pool or shared_pool()


def fit(data: bytes, width: int, quality: int) -> Picture:
    """Return a picture no wider than `width` shown, stored at twice that, never enlarged.

    Raises ParseError. Called in a worker; needs up to four bytes a pixel of the original, twice.
    """
    with _opened(data) as image:
        natural, turn = _upright(image)
        stored = _scaled(natural, width * DENSITY)
        image.draft("RGB", (width * DENSITY, width * DENSITY))  # JPEG: decoded at a fraction
        image.load()
        profile = image.info.get("icc_profile")
        plain = _plain(image.transpose(turn) if turn is not None else image)
        if plain.size != stored:
            plain = plain.resize(stored, Image.Resampling.LANCZOS, reducing_gap=3.0)
        encoded, media_type = _encoded(_srgb(plain, profile), quality)
    shown = _scaled(natural, width)
    return Picture(data=encoded, media_type=media_type, width=shown[0], height=shown[1])


def measure(data: bytes, width: int) -> tuple[int, int]:
    """Return the size at which a picture is shown in a column, from its head. Raises ParseError."""
    with _opened(data) as image:
        return _scaled(_upright(image)[0], width)


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    """Open by what the bytes are, whatever they are called; every damage is a ParseError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # remarks on odd files; the size is judged below
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                yield _bearable(image)
    except UnidentifiedImageError:
        raise ParseError("", "is not a JPEG, PNG, GIF, WebP or AVIF picture") from None
    except Image.DecompressionBombError:
        raise ParseError("", f"has more than {PIXELS // 1_000_000} million pixels") from None
    except _DAMAGED as error:
        raise ParseError("", f"is damaged: {error}") from error


def _bearable(image: Image.Image) -> Image.Image:
    """Return a picture that may be decoded. Raises DecompressionBombError, as Pillow does."""
    if image.width * image.height > PIXELS:
        raise Image.DecompressionBombError
    return image


def _upright(image: Image.Image) -> tuple[tuple[int, int], Image.Transpose | None]:
    """Return the size of a picture once it stands upright, and what turns it so."""
    orientation = 1
    with suppress(*_DAMAGED):  # metadata is thrown away; damage to it harms nothing else
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    size = image.size[::-1] if orientation in _SIDEWAYS else image.size
    return size, _TURNS.get(orientation)


def _scaled(size: tuple[int, int], width: int) -> tuple[int, int]:
    """Return a size in the same proportion, at most this wide."""
    shown = min(width, size[0])
    return shown, max(1, round(size[1] * shown / size[0]))


def _plain(image: Image.Image) -> Image.Image:
    """Return the picture as grey, RGB, CMYK, or RGBA where something really shines through."""
    if image.mode.startswith("I"):  # 16 bits a pixel; convert() would cut at 255
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        opaque = layered.getchannel("A").getextrema() == (255, 255)
        return layered.convert("RGB") if opaque else layered
    return image if image.mode in {"L", "RGB", "CMYK"} else image.convert("RGB")


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture in sRGB, the one colour space that all readers of mail agree on."""
    to = "RGBA" if image.mode == "RGBA" else "RGB"
    if profile and image.mode != "L":
        with suppress(ImageCms.PyCMSError, *_DAMAGED):  # a damaged profile: colours as they are
            target = ImageCms.createProfile("sRGB")
            turned = ImageCms.profileToProfile(image, io.BytesIO(profile), target, outputMode=to)
            return turned or image
    return image.convert("RGB") if image.mode == "CMYK" else image


def _encoded(image: Image.Image, quality: int) -> tuple[bytes, str]:
    """Return bytes and media type: JPEG, or PNG for what is transparent or a small drawing."""
    if image.mode == "RGBA":
        return _saved(image, "PNG"), "image/png"
    jpeg = _saved(image, "JPEG", quality=quality, progressive=True)
    if image.getcolors(COLOURS) is not None:
        few = image.quantize(COLOURS, dither=Image.Dither.NONE)  # exact, as each has its place
        png = _saved(few, "PNG")
        if len(png) < len(jpeg):
            return png, "image/png"
    return jpeg, "image/jpeg"


def _saved(image: Image.Image, form: str, **options: int) -> bytes:
    image.info = {}  # Pillow writes profiles, comments and more from here
    made = io.BytesIO()
    image.save(made, form, optimize=True, **options)
    return made.getvalue()
