"""The short reasoned lists: what does not count as layout, and what may be missing without harm.

Serves the client rules and the reference. Slugs are caniemail's.
"""

from collections.abc import Mapping

REFINEMENTS: Mapping[str, str] = {
    "css-at-media": "rules for phones and for the dark; the inline styles lay out the same without",
    "css-at-media-device-pixel-ratio": "a condition of such a block",
    "css-at-media-hover": "a condition of such a block",
    "css-at-media-orientation": "a condition of such a block",
    "css-at-media-prefers-color-scheme": "a condition of such a block",
    "css-at-media-prefers-reduced-motion": "a condition of such a block",
    "css-at-supports": "asks first, so it adds where it holds",
    "css-color-scheme": "says that both schemes are designed; unread, the light one is shown",
    "css-comments": "say nothing to readers",
    "html-aria-describedby": "heard, not seen",
    "html-aria-hidden": "heard, not seen",
    "html-aria-label": "heard, not seen; the visible words say it too",
    "html-aria-labelledby": "heard, not seen",
    "html-aria-live": "heard, not seen",
    "html-body": "many programs put an element of their own in its place; the wrapper repeats its style",
    "html-comments": "carry what Outlook alone reads",
    "html-doctype": "asks for standards mode; tables and pixels lay out the same without",
    "html-lang": "heard, not seen",
    "html-meta-color-scheme": "the same as the property",
    "html-role": "heard, not seen",
    "html-semantics": "landmarks are heard; where the element is taken out, what it holds stays",
    "html-target": "links open in a window of their own whatever it says",
}
"""Progressive refinements: reported apart and left out of the score, with the reason each."""

TOLERATED: Mapping[str, str] = {
    "css-animation": "the last state is shown at once",
    "css-border-radius": "corners are square then",
    "css-box-shadow": "there is no shadow then",
    "css-cursor": "the usual pointer is shown",
    "css-display-none": "what is hidden is small and of the paper's colour besides",
    "css-height": "it becomes a least height then, which serves pictures and gaps as well",
    "css-hyphens": "words are not broken then",
    "css-orphans": "matters on paper only",
    "css-outline": "there is no outline then",
    "css-overflow-wrap": "a very long word runs on then",
    "css-sytem-ui": "the next font of the list is taken",
    "css-text-decoration-skip-ink": "the line is whole then",
    "css-text-decoration-thickness": "the line has its usual weight then",
    "css-text-shadow": "there is no shadow then",
    "css-text-underline-offset": "the line has its usual place then",
    "css-transition": "the change comes at once",
    "css-widows": "matters on paper only",
    "css-word-break": "a very long word runs on then",
    "css-word-wrap": "a very long word runs on then",
    "html-abbr": "the short form is read as it stands",
    "html-anchor-links": "the link leads nowhere, the text stays",
    "html-bdi": "its words are laid out in the paragraph's direction",
    "html-loading-attribute": "pictures load at once then",
    "html-wbr": "a very long word runs on then",
}
"""Layout features whose absence costs nothing that is needed; they count in the score all the same."""

INSTEAD: Mapping[str, str] = {
    "css-background-image": "put an <img> there, or a colour",
    "css-display-flex": "use table cells",
    "css-display-grid": "use table cells",
    "css-float": "use table cells or `align`",
    "css-linear-gradient": "use a plain colour",
    "css-min-width": "use `width`",
    "css-opacity": "use the mixed colour",
    "css-position": "use table cells",
    "css-rgba": "use the mixed colour as #rrggbb",
    "css-unit-calc": "write the length",
    "css-unit-rem": "use px",
    "css-variables": "write the value",
    "html-picture": "use one <img>",
    "html-srcset": "use one picture at twice the size, with `width`",
    "html-svg": "use a PNG",
    "html-video": "use a picture that links to the film",
}
"""What to do about an unsupported feature, where there is more to say than to do without."""

KEY_CLIENTS = (
    *("gmail.desktop-webmail", "gmail.ios", "gmail.android", "gmail.mobile-webmail"),
    *("outlook.windows", "outlook.outlook-com"),
    *("apple-mail.macos", "apple-mail.ios"),
    *("yahoo.desktop-webmail", "yahoo.ios", "yahoo.android"),
)
"""Programs in which a layout feature without any support is an error."""
FORMATS_OF_PICTURES = "image-"
"""Slugs of picture formats: the source of a story chooses them, so they are advice (`picture.format`)."""
