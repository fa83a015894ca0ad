"""``python -m seeds``: make the files of the sample county, or of one of another size."""

from __future__ import annotations

from pathlib import Path

import click

from seeds.county import make_county
from seeds.load import SAMPLE_FILES
from seeds.size import SAMPLE_HOUSEHOLDS, SAMPLE_SEED, SAMPLE_VILLAGES, Size
from seeds.write import write_county


@click.command()
@click.option("--villages", default=SAMPLE_VILLAGES, show_default=True)
@click.option("--households", default=SAMPLE_HOUSEHOLDS, show_default=True)
@click.option("--seed", default=SAMPLE_SEED, show_default=True)
@click.option("--to", "folder", type=click.Path(path_type=Path), default=SAMPLE_FILES, show_default=True)
def main(villages: int, households: int, seed: int, folder: Path) -> None:
    """Write a made-up county as shapefiles and tables; without options, the sample county."""
    try:
        size = Size.of(villages, households)
    except ValueError as fault:
        raise click.UsageError(str(fault)) from fault
    write_county(make_county(size, seed), folder)
    click.echo(f"{size.villages} villages, {size.households} households: {folder}")


if __name__ == "__main__":
    main()
