"""The command `metier`: its verbs, and the door through which every error leaves.

Nothing heavy is imported here, so that `metier --help` answers at once; each verb imports what it
needs when it runs.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from metier import __version__
from metier.cli import demo as demonstration
from metier.cli import doctor, evaluate, export, link, recommend, tag, taxonomy, train
from metier.cli.outputs import discard, fail, flush, open_streams, print_error, print_text

_INTERRUPTED = 130


class _Verbs(TyperGroup):
    """All verbs, with the two errors that typer keeps for prompts, which we have none of."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise typer.Abort from error
        except EOFError as error:
            from ner.errors import BadInputError

            raise BadInputError(
                f"a file ends too early: {error}", "Make or copy the file again."
            ) from error


app = typer.Typer(
    name="metier",
    cls=_Verbs,
    help="Skills in job posts and resumes, and explained matches to ESCO occupations.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        print_text(f"metier {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Skills in job posts and resumes, and explained matches to ESCO occupations."""


app.command("tag")(tag.tag)
app.command("recommend")(recommend.recommend)
app.command("link")(link.link)
app.add_typer(taxonomy.app, name="taxonomy")
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(train.app, name="train")
app.command("export")(export.export)
app.command("doctor")(doctor.doctor)
app.command("demo")(demonstration.demo)


def run() -> None:
    """Entry point of the console script."""
    raise SystemExit(main(sys.argv[1:]))


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code.

    0 fine, 2 usage, 3 bad input data, 4 damaged or mismatched weights, 130 interrupted, 1 the
    rest. Errors are "error: ..." and "hint: ..." on standard error, never a traceback, unless
    --debug asks for it.
    """
    open_streams()
    # No library of ours may ask the network for anything.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    arguments = list(arguments)
    end = arguments.index("--") if "--" in arguments else len(arguments)
    debug = "--debug" in arguments[:end]
    arguments = [a for a in arguments[:end] if a != "--debug"] + arguments[end:]
    try:
        try:
            result = app(arguments, prog_name="metier", standalone_mode=False)
        finally:
            # Also after an error: typer prints help by itself, and where that failed, this fails.
            flush()
        return result if isinstance(result, int) else 0
    except BrokenPipeError:
        return _reader_has_left()
    except SystemExit as left:
        if isinstance(left.__context__, BrokenPipeError):  # typer turns the one into the other
            return _reader_has_left()
        raise
    except (KeyboardInterrupt, typer.Abort):
        fail("interrupted")
        return _INTERRUPTED
    except typer.TyperException as error:
        return _tell_usage(error)
    except Exception as error:
        if debug:
            print_error(traceback.format_exc().rstrip())
        return _tell(error)


def _reader_has_left() -> int:
    """The reader of our output closed it (as `head` does): no error, but nothing more to say."""
    discard(sys.stdout)
    return 0


def _tell_usage(error: typer.TyperException) -> int:
    message = error.format_message()
    if message.startswith("Usage:"):  # a group was called without a verb: this is its help
        print_error(message)
    else:
        # The verb that did not understand its arguments: "metier evaluate titles".
        verb = getattr(getattr(error, "ctx", None), "command_path", "metier")
        fail(_lowered(message), f"See: {verb} --help")
    return error.exit_code


def _tell(error: Exception) -> int:
    """Print an error that left a verb; its exit code."""
    # Here and not above: the package brings numpy, and --help has no need of it.
    from ner.errors import MetierError

    if isinstance(error, MetierError):
        fail(error.message, error.hint)
        return error.exit_code
    fail(
        f"internal error: {type(error).__name__}: {error}",
        "Run it again as metier --debug ... and report the traceback.",
    )
    return 1


def _lowered(message: str) -> str:
    message = " ".join(message.split()).rstrip(".")
    return message[:1].lower() + message[1:]
