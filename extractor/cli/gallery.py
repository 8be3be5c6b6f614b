"""``extractor gallery``."""

from __future__ import annotations

import sys
import threading
from contextlib import ExitStack
from typing import Final

import click

from extractor.cli.completing import models_option, opened_models
from extractor.cli.options import files

_EXAMPLES: Final = """\b
Example:
  extractor gallery ~/pictures
  extractor gallery catalog.db --models ~/models
  extractor gallery ~/pictures --no-open --port 8765
\b
The catalog of a folder and all thumbnails stand in your cache (on Linux ~/.cache/ai-image-metadata); a catalog
that is named with --db stays where it is named. From another computer:
  ssh -L 8765:127.0.0.1:8765 HOST        and open the address that was printed there
"""


@click.command(no_args_is_help=True, epilog=_EXAMPLES)
@click.argument("source", metavar="FOLDER|CATALOG", shell_complete=files)
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Default: any that is free.")
@click.option("--no-open", is_flag=True, help="Open no browser; the address is printed anyway.")
@click.option(
    "--thumbnails",
    is_flag=True,
    help="Make all thumbnails now, from pixels that are decoded anyway. Else they are made when looked at.",
)
@click.option("-o", "--db", metavar="FILE", help="The catalog of the folder. Default: one in your cache.")
@models_option
def command(source: str, port: int, no_open: bool, thumbnails: bool, db: str | None, models: str | None) -> int:
    """Look at pictures in the browser.

    Search, filter, compare, copy recipes, drop files to read them. A folder is scanned while its page is open; a
    catalog (extractor scan -o catalog.db) is shown as it is, and grows as scans go on. The page is served to this
    computer alone, and only to who has its address. Ctrl-C ends it.
    """
    import os

    from extractor.cli.arguments import resolve_argument
    from extractor.cli.output import note
    from extractor.errors import extra_command

    try:
        from extractor.gallery.serve import listening, serve
    except ImportError:
        raise click.ClickException(f"the gallery needs more: {extra_command('gallery')}") from None
    from extractor.gallery.browser import open_browser, redirect_file
    from extractor.gallery.guard import new_token
    from extractor.gallery.launch import Wish, launched

    path = resolve_argument(source)
    if not os.path.exists(path):
        raise click.ClickException(f"{source}: there is no folder and no catalog")
    if not os.path.isdir(path) and db is not None:
        raise click.UsageError("--db names the catalog of a folder")
    with ExitStack() as stack:
        try:
            listener = stack.enter_context(listening(port))
        except OSError as error:
            raise click.ClickException(f"port {port}: {error.strerror}") from None
        library = stack.enter_context(opened_models(models))
        gallery = stack.enter_context(launched(Wish(path, db, thumbnails, library), note))
        token = new_token()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/{token}/"

        def started() -> None:
            click.echo(address)
            sys.stdout.flush()
            if not no_open:
                redirect = stack.enter_context(redirect_file(address))
                threading.Thread(target=open_browser, args=(redirect,), daemon=True).start()

        serve(gallery, listener, token, started)
    return 0
