"""The command `autosync`: reads arguments, calls the verbs, says what came of it.

Exit codes: 0 done, 1 refused or found wanting, 2 unusable arguments or unreachable database. An error is one sentence
on standard error; `--debug` adds the traceback.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

import psycopg
from typer.exceptions import TyperException

from autosync.address_book import UnreadableAddressBook
from autosync.database.pool import in_short, is_away
from autosync.model import Refused, Unusable
from autosync.phone_numbers import UntextableNumber

DONE, REFUSED, UNUSABLE = 0, 1, 2


def run(arguments: Sequence[str] | None = None) -> None:
    """Runs one command and ends the process with its exit code."""
    from autosync.cli.app import app  # noqa: PLC0415 - after the interpreter knows how to report an error

    given = _global_options_first(list(sys.argv[1:] if arguments is None else arguments))
    try:
        _require_utf8(given)
        code = app(given, standalone_mode=False)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(DONE)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - the one place that turns an error into a sentence and an exit code
        if "--debug" in given:
            traceback.print_exc()
        sys.exit(_report(error))
    sys.exit(code or DONE)


def _require_utf8(arguments: Sequence[str]) -> None:
    for argument in arguments:
        if not argument.isprintable() and any("\ud800" <= character <= "\udfff" for character in argument):
            readable = argument.encode(errors="replace").decode()
            raise Unusable(f"The argument {readable!r} is not UTF-8.")


def _global_options_first(arguments: list[str]) -> list[str]:
    """Lets --database-url and --debug stand anywhere, as people write them behind the command too."""
    front: list[str] = []
    rest: list[str] = []
    remaining = iter(arguments)
    for argument in remaining:
        if argument == "--":
            rest += [argument, *remaining]
        elif argument == "--database-url":
            front += [argument, *[value for value in [next(remaining, None)] if value is not None]]
        elif argument == "--debug" or argument.startswith("--database-url="):
            front.append(argument)
        else:
            rest.append(argument)
    return front + rest


def _report(error: Exception) -> int:
    if isinstance(error, TyperException) and error.format_message().startswith("Usage:"):
        print(error.format_message(), file=sys.stderr)  # noqa: T201 - a group without a command shows its help
        return UNUSABLE
    sentence, code = _sentence(error)
    print(f"autosync: {sentence}", file=sys.stderr)  # noqa: T201
    return code


def _sentence(error: Exception) -> tuple[str, int]:
    match error:
        case TyperException():
            return f"{error.format_message().replace('Value error, ', '')} Try `autosync --help`.", UNUSABLE
        case Unusable() | UntextableNumber():
            return str(error), UNUSABLE
        case Refused() | UnreadableAddressBook():
            return str(error), REFUSED
        case psycopg.errors.InsufficientPrivilege():
            return f"The database role may not do this: {error.diag.message_primary}.", REFUSED
        case psycopg.errors.UndefinedTable() | psycopg.errors.UndefinedFunction() | psycopg.errors.UndefinedColumn():
            missing = f"The database's schema is not this program's ({error.diag.message_primary})"
            return f"{missing}: `autosync doctor` says what to do.", REFUSED
        case OSError() if error.filename:
            return f"Cannot use {error.filename}: {error.strerror}.", UNUSABLE
    if is_away(error):
        return f"The database went away: {' '.join(str(error).split())}", UNUSABLE
    return f"{type(error).__name__}: {in_short(error)} (`--debug` shows where)", REFUSED
