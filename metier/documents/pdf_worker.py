"""The process that opens a PDF: `python -m metier.documents.pdf_worker < FILE > ANSWER.json`.

PDFium is native code that is given files of strangers and is not safe between threads, so it runs
here, alone, with bounds on memory and processor time; a crash ends this process and no other.
The answer is one JSON object: {"text", "pages", "warnings"} or {"error": name, "detail"}.
"""

from __future__ import annotations

import ctypes
import json
import sys
import time
from typing import Any

from metier.documents.layout import Word, reading_order
from metier.documents.unwrap import unwrap

MEMORY_BYTES = 1 << 30
PROCESSOR_SECONDS = 30
MAX_PAGES = 100
# Beyond these the file's own order is kept: a page of dense text has some 1,500 words.
MAX_WORDS_PER_PAGE = 4000
LAYOUT_SECONDS = 12.0

_LIGATURES = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "st",
    "\ufb06": "st",
}


def limit_resources() -> None:
    """Bound this process where the system can (not on Windows)."""
    try:
        import resource
    except ImportError:
        return
    for name, bound in (
        ("RLIMIT_AS", MEMORY_BYTES),
        ("RLIMIT_CPU", PROCESSOR_SECONDS),
        ("RLIMIT_CORE", 0),
    ):
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            bound = min(bound, hard)
        try:
            resource.setrlimit(kind, (bound, hard))
        except (OSError, ValueError):  # macOS refuses some of them
            continue


def extract(data: bytes) -> dict[str, Any]:
    """The answer for the bytes of one PDF."""
    import pypdfium2
    import pypdfium2.raw

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        code = getattr(error, "err_code", None)
        password = code == pypdfium2.raw.FPDF_ERR_PASSWORD or "password" in str(error).lower()
        return {"error": "encrypted" if password else "damaged", "detail": str(error)}
    pages = len(document)
    if pages == 0:
        return {"error": "damaged", "detail": "no pages"}
    if pages > MAX_PAGES:
        return {"error": "too_many_pages", "detail": str(pages)}
    texts: list[str] = []
    warnings: list[str] = []
    images = False
    deadline = time.monotonic() + LAYOUT_SECONDS
    for number in range(pages):
        try:
            page = document[number]
            lines, has_image = _page(page, time.monotonic() < deadline)
        except pypdfium2.PdfiumError as error:
            warnings.append(f"page {number + 1} is damaged and was left out ({error})")
            continue
        images = images or has_image
        if lines:
            texts.append("\n".join(lines))
        elif has_image:
            warnings.append(f"page {number + 1} is an image without text and was left out")
    if not texts:
        if images:
            return {"error": "scanned", "detail": str(pages)}
        return {"error": "damaged" if warnings else "no_text", "detail": "; ".join(warnings)}
    return {"text": "\n\n".join(texts) + "\n", "pages": pages, "warnings": warnings}


def _page(page: Any, in_time: bool) -> tuple[list[str], bool]:
    import pypdfium2.raw as raw

    textpage = page.get_textpage()
    words, turned = _words(textpage)
    if words and not turned and in_time and len(words) <= MAX_WORDS_PER_PAGE:
        lines = unwrap(reading_order(words))
    else:
        text = textpage.get_text_range().replace("\x02", "-")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
    has_image = any(True for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=5))
    return lines, has_image


def _words(textpage: Any) -> tuple[list[Word], bool]:
    """The words of a page, and whether most of its text runs another way than left to right."""
    import pypdfium2.raw as raw

    words: list[Word] = []
    letters: list[str] = []
    start, end, baseline, tallest = 0.0, 0.0, 0.0, 0.0
    x, y = ctypes.c_double(), ctypes.c_double()
    count = textpage.count_chars()
    turned, previous = 0, 0.0

    def finish() -> None:
        if letters:
            text = "".join(letters)
            words.append(Word(text, start, end, baseline, tallest, len(words)))
            letters.clear()

    for index in range(count):
        character = chr(raw.FPDFText_GetUnicode(textpage, index))
        if character in "\x02\xad" and letters:  # its box is not where the word ends
            letters.append(character)
            continue
        if not _is_visible(character):
            finish()
            continue
        turned += abs(raw.FPDFText_GetCharAngle(textpage, index)) > 0.1
        raw.FPDFText_GetCharOrigin(textpage, index, x, y)
        left, bottom, right, top = textpage.get_charbox(index, loose=True)
        height = top - bottom
        # The letters of a ligature share one box; anything further back is another piece of text.
        moved = abs(y.value - baseline) > 0.5 * max(height, tallest)
        if letters and (moved or left < previous - 0.1 * height or left - end > 0.5 * height):
            finish()
        previous = left
        if letters:
            end, tallest = max(end, right), max(tallest, height)
        else:
            start, end, baseline, tallest = left, right, y.value, height
        letters.append(_LIGATURES.get(character, character))
    finish()
    return words, turned > 0.5 * count


def _is_visible(character: str) -> bool:
    """Not a blank, and not an icon: icon fonts use the private area, which has no meaning."""
    code = ord(character)
    private = 0xE000 <= code <= 0xF8FF or code >= 0xF0000
    broken = code in (0xFFFD, 0xFFFE, 0xFFFF) or 0xD800 <= code <= 0xDFFF
    return not (character.isspace() or code < 32 or private or broken)


def main() -> None:
    """Read the PDF from standard input, write the answer to standard output."""
    limit_resources()
    data = sys.stdin.buffer.read()
    try:
        answer = extract(data)
    except MemoryError:
        answer = {"error": "memory", "detail": ""}
    sys.stdout.buffer.write(json.dumps(answer).encode())
    sys.stdout.flush()


if __name__ == "__main__":
    main()
