"""``extractor models``: a group of its own, each of whose commands is imported when it is used."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import click

_MODULES: Final = {
    "scan": "scan",
    "list": "listing",
    "find": "find",
    "resolve": "resolve",
    "used": "used",
    "import": "importing",
    "hashes": "hashes",
}
"""Command -> module that has it as `command`."""

_EXAMPLES: Final = """\b
Example:
  extractor models scan ~/stable-diffusion/models
  extractor models resolve ~/pictures
  extractor scan ~/pictures --models ~/stable-diffusion/models
"""


class _Models(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = _MODULES.get(cmd_name)
        if module is None:
            return None
        command: click.Command = import_module(f"extractor.cli.models.{module}").command
        return command


@click.group(cls=_Models, epilog=_EXAMPLES, short_help="Know the model files on this computer.")
def command() -> None:
    """Know your model files: names get hashes, hashes get names.

    A scan puts checkpoints, LoRAs, embeddings and the rest into a library, a SQLite file in your data folder. Nothing
    is looked up on the internet.
    """
