"""SPSS and Stata files as plain values, read in a process of its own.

The only place that knows the reader, a C library that a damaged file of half a kilobyte can
stop. It runs as a script, imports nothing of the package, and is given the bytes on standard
input; the answer is JSON on standard output.
"""

from __future__ import annotations

import io
import json
import sys
from typing import Any

FALLBACKS = ("WINDOWS-1252", "LATIN1")
_NAMES = {"MAC-ROMAN": "MACINTOSH", "MAC_ROMAN": "MACINTOSH", "MACROMAN": "MACINTOSH"}


class UnreadableError(Exception):
    """The file cannot be read; ``kind`` is ``letters`` or ``damaged``."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(detail or kind)
        self.kind = kind


def kind_of(data: bytes) -> str:
    """``sav``, ``zsav``, ``por`` or ``dta`` from the first bytes; ``""`` for anything else."""
    if data[:4] == b"$FL2":
        return "sav"
    if data[:4] == b"$FL3":
        return "zsav"
    if b"SPSS PORT FILE" in data[:400]:
        return "por"
    # the oldest Stata formats begin with their number and the order of bytes
    old = data[:1] and 0x68 <= data[0] <= 0x73 and data[1:2] in (b"\x01", b"\x02")
    if data.startswith(b"<stata_dta>") or (old and data[2:3] == b"\x01"):
        return "dta"
    return ""


def _read(data: bytes, kind: str, encoding: str) -> dict[str, Any]:
    import pyreadstat

    named = _NAMES.get(encoding.upper(), encoding.upper())
    tried = (named,) if named else ("", *(FALLBACKS if kind != "por" else ()))
    failed = ""
    for one in tried:
        options: dict[str, Any] = {"disable_datetime_conversion": True, "output_format": "dict"}
        if kind != "por":
            options["user_missing"] = True
            if one:
                options["encoding"] = one
        reader = {"por": pyreadstat.read_por, "dta": pyreadstat.read_dta}.get(
            kind, pyreadstat.read_sav
        )
        try:
            values, meta = reader(io.BytesIO(data), **options)
        except UnicodeError as error:
            failed = str(error)
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as error:
            if "encoding" not in str(error) and "convert string" not in str(error):
                raise UnreadableError("damaged", str(error)) from error
            failed = str(error)
        else:
            return _meta(values, meta, one) | {"guessed": bool(one) and not named}
    raise UnreadableError("letters", failed)


def _meta(values: Any, meta: Any, encoding: str) -> dict[str, Any]:
    """Values with all that the file says about them, ready for JSON."""
    names = list(meta.column_names)
    labels = meta.variable_value_labels
    missing = meta.missing_ranges
    tags = meta.missing_user_values
    measures = meta.variable_measure
    return {
        "names": names,
        "columns": [list(values[name]) for name in names],
        "rows": int(meta.number_rows or 0),
        "texts": [meta.column_names_to_labels.get(name) or "" for name in names],
        "labels": [[[key, text] for key, text in labels.get(name, {}).items()] for name in names],
        "missing": [[[span["lo"], span["hi"]] for span in missing.get(name, ())] for name in names],
        "tags": [list(tags.get(name, ())) for name in names],
        "formats": [str(meta.original_variable_types.get(name) or "") for name in names],
        "types": [str(meta.readstat_variable_types.get(name) or "") for name in names],
        "measures": [str(measures.get(name) or "") for name in names],
        "sets": meta.mr_sets or {},
        "encoding": encoding or str(meta.file_encoding or ""),
    }


def main() -> None:
    """Read standard input, write JSON to standard output."""
    try:
        answer = _read(sys.stdin.buffer.read(), sys.argv[1], sys.argv[2])
    except UnreadableError as error:
        answer = {"problem": error.kind, "detail": str(error)}
    except (MemoryError, OverflowError):
        answer = {"problem": "size"}
    except (ImportError, ValueError, TypeError, KeyError, AttributeError, OSError) as error:
        answer = {"problem": "damaged", "detail": type(error).__name__}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
