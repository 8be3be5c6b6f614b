"""The group of commands, and what surrounds each of them: streams, errors, exit codes."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Final, TextIO

import click

from extractor.cli.output import COLOR_KEY
from extractor.cli.status import FAILED, INTERRUPTED
from extractor.errors import ExtractorError
from extractor.text.printable import lines, one_line
from extractor.version import __version__

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_COMMANDS: Final = (
    *("scan", "search", "stats", "show", "parse", "diff", "same", "sidecar"),
    *("embed", "copy", "strip", "check", "watch", "batch", "gallery", "report", "models", "schema"),
)
"""Each is `command` in the module of its name."""


class _Commands(click.Group):
    """Imports a command when it is used; arguments that name none are paths to scan."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"extractor.cli.{cmd_name}").command
        if _COLOR not in command.params:
            command.params.append(_COLOR)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Commands and options that begin so; else paths, which mean scan."""
        from click.shell_completion import CompletionItem

        return super().shell_complete(ctx, incomplete) or [CompletionItem(incomplete, type="file")]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own_options = {option for parameter in self.get_params(ctx) for option in parameter.opts}
        args = _color_last(args)
        if args and args[0] not in own_options and args[0] not in _COMMANDS:
            _check_command(args)
            args = ["scan", *args]
        return super().parse_args(ctx, args)


def _keep_color(ctx: click.Context, _parameter: click.Parameter, value: str) -> None:
    ctx.find_root().meta[COLOR_KEY] = value


_COLOR: Final = click.Option(
    ["--color"],
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    callback=_keep_color,
    expose_value=False,
    is_eager=True,
    help="Colours on stdout. auto: on a terminal, unless NO_COLOR is set, or where FORCE_COLOR is.",
)
"""An option of every command."""


def _color_last(args: list[str]) -> list[str]:
    """``--color`` in front of a command means what it means behind it."""
    if args[:1] == ["--color"] and len(args) > 2:
        return [args[2], *args[:2], *args[3:]]
    if args and args[0].startswith("--color=") and len(args) > 1:
        return [args[1], args[0], *args[2:]]
    return args


def _check_command(args: list[str]) -> None:
    """Raise `click.UsageError` when the first argument is no file but nearly a command."""
    from difflib import get_close_matches

    from extractor.cli.arguments import is_there

    word = args[0]
    if word.isalpha() and not is_there(word):
        close = get_close_matches(word, _COMMANDS, 1, 0.7)
        if close:
            raise click.UsageError(f"there is no command and no file {word}; did you mean: extractor {close[0]}")


_EXAMPLES: Final = """\b
Examples:
  extractor ~/pictures                   a table of every image below the folder
  extractor ~/pictures -o all.csv        the same as a spreadsheet
  extractor a.png                        everything about one image
  extractor search 'lighthouse steps:>20' ~/pictures
  extractor sidecar ~/pictures           a.png.json beside each a.png
"""


@click.group(
    cls=_Commands, epilog=_EXAMPLES, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda context, _, value: _print_version(context) if value else None,
    help="Show the version, and how PNGs are decoded, and exit.",
)
def group() -> None:
    """Reads the AI generation metadata of image files: prompt, seed, model, LoRAs and all the rest, as records of
    the Civitai image schema.

    Drop files and folders on the terminal behind the word extractor: paths alone mean the command scan.

    A folder that is named like a command needs ./ in front.
    """


def _print_version(context: click.Context) -> None:
    from extractor.pixels.ways import png_way

    click.echo(f"extractor {__version__}\nPNG pixels: {png_way()}")
    context.exit()


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the exit code."""
    sys.stdout = _prepared(sys.stdout)
    sys.stderr = _prepared(sys.stderr)
    if sys.stdin is None:  # closed (``<&-``): empty
        sys.stdin = io.TextIOWrapper(io.BytesIO())
    status = _run(arguments)
    try:
        sys.stdout.flush()
    except OSError as error:
        status = status or _report(error)
        _discard_stdout()
    return status


def _run(arguments: Sequence[str] | None) -> int:
    try:
        status = group.main(arguments, prog_name="extractor", standalone_mode=False)
    except click.ClickException as error:
        message = io.StringIO()
        error.show(message)
        click.echo(lines(message.getvalue()), err=True, nl=False)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except SystemExit:  # click's way out when the reader of a pipe has gone: it has all it wanted
        _discard_stdout()
        return 0
    except (ExtractorError, OSError) as error:
        return _report(error)
    except MemoryError:
        return _report(ExtractorError("memory ran out"))
    return status if isinstance(status, int) else 0


def _report(error: ExtractorError | OSError) -> int:
    if isinstance(error, BrokenPipeError):
        return 0
    reason = error.strerror if isinstance(error, OSError) else None
    click.echo(f"Error: {one_line(reason or str(error))}", err=True)
    return FAILED


def _prepared(stream: TextIO | None) -> TextIO:
    """A stream that escapes what its encoding lacks; a closed one (``>&-``) swallows what it is given."""
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


def _discard_stdout() -> None:
    """Keep the interpreter from trying again, on its way out, to write what cannot be written."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)
