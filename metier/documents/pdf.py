"""Text of a PDF, read in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from metier.documents.pdf_worker import MAX_PAGES, MEMORY_BYTES
from ner.errors import BadInputError

MAX_BYTES = 50 * 1024 * 1024
SECONDS = 30.0

_END_MARK = b"%%EOF"
_OCR = "Run OCR on it first, for example: ocrmypdf IN.pdf OUT.pdf"
_RESAVE = "Export or print it to PDF again, or give its text."


def read_pdf(data: bytes, source: str, seconds: float = SECONDS) -> tuple[str, int, list[str]]:
    """(text, pages, warnings) of the PDF in `data`; `source` names it in errors.

    Columns are read one after the other, wrapped lines are whole, pages are parted by an empty
    line. Raises BadInputError naming the cause: encrypted, scanned, cut short, damaged, too
    large, too slow.
    """
    if len(data) > MAX_BYTES:
        raise BadInputError(
            f"{source} has {len(data) / 1024**2:.0f} MB; the limit is {MAX_BYTES // 1024**2} MB",
            "Give a smaller PDF, or its text.",
        )
    answer = _ask_worker(data, source, seconds)
    if "error" in answer:
        raise _refusal(answer["error"], answer.get("detail", ""), data, source)
    if _END_MARK not in data[-65536:]:
        raise _cut_short(source)
    return answer["text"], answer["pages"], answer["warnings"]


def _ask_worker(data: bytes, source: str, seconds: float) -> dict[str, Any]:
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    try:
        # -P keeps the current folder, where anyone's files may lie, off the import path.
        done = subprocess.run(
            [sys.executable, "-P", "-m", "metier.documents.pdf_worker"],
            input=data,
            capture_output=True,
            timeout=seconds,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BadInputError(
            f"{source} took longer than {seconds:g} seconds to read", _RESAVE
        ) from error
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise BadInputError(
            f"{source} cannot be read: the PDF reader ended with status {done.returncode}"
            f" (limits: {MEMORY_BYTES // 1024**2} MB of memory, {seconds:g} seconds)",
            _RESAVE,
        ) from None
    return answer


def _refusal(error: str, detail: str, data: bytes, source: str) -> BadInputError:
    if error == "encrypted":
        return BadInputError(
            f"{source} is encrypted: it opens only with a password",
            "Save a copy without a password and give that.",
        )
    if error == "scanned":
        return BadInputError(
            f"{source} has {detail} page(s) of images and no text: it is a scan", _OCR
        )
    if error == "no_text":
        return BadInputError(f"{source} has no text on any page", _OCR)
    if error == "too_many_pages":
        return BadInputError(
            f"{source} has {detail} pages; the limit is {MAX_PAGES}",
            "Give only the pages of one resume or job post.",
        )
    if error == "memory":
        return BadInputError(
            f"{source} needs more than {MEMORY_BYTES // 1024**2} MB of memory to read", _RESAVE
        )
    if _END_MARK not in data[-65536:]:
        return _cut_short(source)
    return BadInputError(f"{source} is a damaged PDF ({detail})", _RESAVE)


def _cut_short(source: str) -> BadInputError:
    return BadInputError(
        f"{source} is cut short: the end mark of a PDF is missing",
        "Download or copy it again; the whole file is needed.",
    )
