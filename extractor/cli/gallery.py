"""``extractor gallery``."""

from __future__ import annotations

import sys
import threading
from contextlib import ExitStack
from typing import Final

import click

from extractor.cli.options import files

_EXTRA: Final = "gallery"


@click.command(
    no_args_is_help=True,
    epilog="\b\nExample:\n  extractor gallery ~/pictures\n  extractor gallery catalog.db --no-open --port 8765",
)
@click.argument("source", metavar="FOLDER|CATALOG", shell_complete=files)
@click.option("--port", type=click.IntRange(0, 65535), default=0, metavar="N", help="Default: any that is free.")
@click.option("--no-open", is_flag=True, help="Print the address and open no browser.")
@click.option(
    "-o", "--db", "db", metavar="FILE", help="Keep the catalog of the folder in FILE. Default: in your cache."
)
def command(source: str, port: int, no_open: bool, db: str | None) -> int:
    """Look at pictures in the browser: search, filter, compare, read what is dropped.

    SOURCE is a folder, which is scanned while its page is open, or a catalog (extractor scan -o catalog.db). The
    page is served to this computer alone.
    """
    import os

    from extractor.cli.arguments import resolve_argument
    from extractor.errors import extra_command

    try:
        from extractor.gallery.serve import listening, serve
    except ImportError:
        raise click.ClickException(f"the gallery needs more: {extra_command(_EXTRA)}") from None
    from extractor.catalog.writer import Catalog
    from extractor.gallery.browser import open_browser, redirect_file
    from extractor.gallery.cache import ThumbCache
    from extractor.gallery.gallery import Gallery
    from extractor.gallery.guard import new_token
    from extractor.gallery.place import catalog_of, thumbs_path
    from extractor.gallery.scanning import BackgroundScan
    from extractor.gallery.source import Source

    path = resolve_argument(source)
    folder = path if os.path.isdir(path) else None
    if folder is None and db is not None:
        raise click.UsageError("-o names the catalog of a folder")
    catalog = path
    if folder is not None:
        catalog = db or catalog_of(folder)
        os.makedirs(os.path.dirname(os.path.abspath(catalog)), mode=0o700, exist_ok=True)
        Catalog(catalog).close()
    with ExitStack() as stack:
        try:
            listener = listening(port)
        except OSError as error:
            raise click.ClickException(f"port {port}: {error.strerror}") from None
        opened = Source(catalog)
        gallery = Gallery(
            opened,
            title=os.path.basename(os.path.abspath(path)) or path,
            command=f"extractor scan FOLDER -o {path}",
            folders=None if folder is None else [folder],
            cache=ThumbCache(thumbs_path()),
        )
        stack.callback(gallery.close)
        gallery.watch()
        if folder is not None:
            scanning = BackgroundScan(folder, catalog, lambda progress: setattr(gallery, "progress", progress))
            scanning.start()
            stack.callback(scanning.end)
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
