"""``extractor models list``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from extractor.cli.models.common import MODEL_COLUMNS, db_option, format_option, library_at, model_row, print_rows

if TYPE_CHECKING:
    from extractor.library.library import ModelLibrary
    from extractor.library.model import ModelFile


@click.command(epilog="\b\nExample:\n  extractor models list --type lora --base pony")
@click.option("--type", "kind", metavar="TYPE", help="Only checkpoint, diffusion-model, lora, embedding, vae, ...")
@click.option("--base", metavar="BASE", help="Only models whose base model's name has this in it, or of its family.")
@click.option("--duplicates", is_flag=True, help="Only files that are there more than once, by their SHA-256.")
@click.option("--unused", is_flag=True, help="Only files that no picture of --catalog was made with.")
@click.option("--catalog", metavar="FILE", help="A catalog that `extractor scan -o FILE.db` has made.")
@db_option
@format_option
def command(
    kind: str | None,
    base: str | None,
    duplicates: bool,
    unused: bool,
    catalog: str | None,
    db: str | None,
    form: str | None,
) -> None:
    """List the models of the library."""
    from extractor.library.kinds import TYPES

    if unused and catalog is None:
        raise click.UsageError("--unused needs a catalog of pictures: --catalog FILE")
    if kind is not None and kind not in TYPES:
        raise click.UsageError(f"--type is one of {', '.join(TYPES)}")
    with library_at(db) as library:
        models = library.models()
        if duplicates:
            models = _duplicates(models)
        if unused and catalog is not None:
            models = _unused(library, models, catalog)
        chosen = [model for model in models if (kind is None or model.type == kind) and _is_of_base(model, base)]
        print_rows(map(model_row, chosen), MODEL_COLUMNS, form)


def _is_of_base(model: ModelFile, base: str | None) -> bool:
    from extractor.library.bases import family

    if base is None:
        return True
    names = (model.base or "", family(model.base) or "")
    return any(base.casefold() in name.casefold() for name in names)


def _duplicates(models: list[ModelFile]) -> list[ModelFile]:
    """Copies, those of one file below each other."""
    groups: dict[str, list[ModelFile]] = {}
    for model in models:
        digest = model.hash("sha256")
        if digest is not None:
            groups.setdefault(digest, []).append(model)
    return [model for group in groups.values() if len(group) > 1 for model in group]


def _unused(library: ModelLibrary, models: list[ModelFile], catalog: str) -> list[ModelFile]:
    from extractor.library.model import identity
    from extractor.library.usage import used_files

    used = used_files(catalog, library.match)
    return [model for model in models if identity(model) not in used]
