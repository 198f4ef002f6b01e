"""Keys of `[theme]`: colours, type and logo; serves schema and theming."""

from typing import Annotated

from msgspec import Meta, Struct

Colour = Annotated[str, Meta(extra={"kind": "colour"})]
Fonts = Annotated[str, Meta(extra={"kind": "fonts"})]
Picture = Annotated[str, Meta(extra={"kind": "picture"})]


class ColoursTable(Struct, frozen=True, kw_only=True):
    """One scheme; a colour that is not named stays the shipped one."""

    ink: Annotated[Colour, Meta(description="Text and strong rules.")] = ""
    quiet: Annotated[Colour, Meta(description="Dates, labels, the end of a mail.")] = ""
    accent: Annotated[Colour, Meta(description="Kickers, links, the button, the box's edge.")] = ""
    paper: Annotated[Colour, Meta(description="The page.")] = ""
    box: Annotated[Colour, Meta(description="The box of key points.")] = ""
    rule: Annotated[Colour, Meta(description="Hairlines.")] = ""
    on_accent: Annotated[Colour, Meta(description="Words on the button.")] = ""


class FontsTable(Struct, frozen=True, kw_only=True):
    """Families that readers' machines have; nothing is loaded."""

    serif: Annotated[Fonts, Meta(description="Headlines and text: `Georgia, Times, serif`.")] = ""
    sans: Annotated[Fonts, Meta(description="Labels, dates, buttons; everything in plain.")] = ""


class SizesTable(Struct, frozen=True, kw_only=True):
    """Pixels."""

    masthead: Annotated[int, Meta(ge=13, le=72, description="The publication's name.")] = 30
    lead: Annotated[int, Meta(ge=13, le=60, description="The lead's headline.")] = 27
    story: Annotated[int, Meta(ge=13, le=40, description="Other headlines.")] = 19
    text: Annotated[int, Meta(ge=13, le=28, description="Text.")] = 17


class LogoTable(Struct, frozen=True, kw_only=True):
    """A picture in the masthead, in place of the name."""

    picture: Annotated[
        Picture, Meta(description="A file in the publication's folder, or a web address.")
    ]
    width: Annotated[int, Meta(ge=16, le=600, description="Pixels, as shown.")]
    height: Annotated[int, Meta(ge=8, le=300, description="Pixels, as shown.")]
    alt: Annotated[str, Meta(description="Said in its place; default: the name.")] = ""
    dark: Annotated[Picture, Meta(description="Shown instead in the dark.")] = ""


class ThemeTable(Struct, frozen=True, kw_only=True):
    """The look of mails and pages. Text that could not be read (contrast below 4.5) is refused."""

    light: Annotated[ColoursTable, Meta(description="Colours by day.")] = ColoursTable()
    dark: Annotated[ColoursTable, Meta(description="Colours in the dark.")] = ColoursTable()
    fonts: Annotated[FontsTable, Meta(description="Type.")] = FontsTable()
    sizes: Annotated[SizesTable, Meta(description="Sizes of type.")] = SizesTable()
    logo: Annotated[LogoTable | None, Meta(description="In the masthead.")] = None
