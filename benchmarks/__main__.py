"""Print each figure with its ratio to a baseline measured in the same run."""

import sys

from benchmarks import (
    clusters,
    collecting,
    feeds,
    key_points,
    polling,
    read_also,
    scale,
    sends,
    works,
)

PARTS = {
    "works": works.everything,
    "send": sends.everything,
    "feeds": feeds.everything,
    "collecting": collecting.everything,
    "polling": polling.everything,
    "key_points": key_points.everything,
    "read_also": read_also.everything,
    "clusters": clusters.everything,
    "scale": scale.everything,
}


def main() -> None:
    """Run the parts named, or the first two, and print a table; `scale` takes a quarter of an hour."""
    print(f"{'':<12}{'ours':>12}  {'unit':<12}{'ratio':>8}  {'range':<16}to")
    for figure in (one for part in sys.argv[1:] or ("works", "send") for one in PARTS[part]()):
        spread = f"{figure.low:.2f}-{figure.high:.2f}"
        rate = f"{figure.rate:,.0f}" if figure.rate >= 100 else f"{figure.rate:.1f}"
        print(
            f"{figure.what:<12}{rate:>12}  {figure.unit:<12}{figure.ratio:>8.2f}"
            f"  {spread:<16}{figure.baseline}"
        )


if __name__ == "__main__":
    main()
