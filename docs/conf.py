"""Sphinx settings of the manual: furo, Markdown through MyST; warnings are errors."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import publisher

project = "publisher"
author = "The publisher contributors"
project_copyright = "2026, The publisher contributors"
version = release = publisher.__version__

extensions = ["myst_parser"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nitpicky = True

html_theme = "furo"
html_title = "publisher"
html_static_path: list[str] = []
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#8a1c1c",
        "color-brand-content": "#8a1c1c",
        "color-background-primary": "#fbf8f1",
        "color-background-secondary": "#f1ebdd",
        "color-foreground-primary": "#1c1b19",
        "color-foreground-secondary": "#5f5a50",
    },
    "dark_css_variables": {
        "color-brand-primary": "#f0a59a",
        "color-brand-content": "#f0a59a",
        "color-background-primary": "#17181b",
        "color-background-secondary": "#222327",
        "color-foreground-primary": "#ece8df",
        "color-foreground-secondary": "#a9a498",
    },
}
