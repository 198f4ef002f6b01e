"""Print each figure with its ratio to a baseline measured in the same run."""

from benchmarks.works import everything


def main() -> None:
    """Run all benchmarks and print a table."""
    print(f"{'':<10}{'ours':>12}  {'unit':<12}{'ratio':>8}  {'range':<16}to")
    for figure in everything():
        spread = f"{figure.low:.2f}-{figure.high:.2f}"
        print(
            f"{figure.what:<10}{figure.rate:>12,.0f}  {figure.unit:<12}{figure.ratio:>8.2f}"
            f"  {spread:<16}{figure.baseline}"
        )


if __name__ == "__main__":
    main()
