"""The judged links, and the likelihood that is learnt from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matching.likelihood import Traits
from ner.errors import BadInputError
from training.link_calibration import Example, fitted, read_verdicts, report, table, unseen

ROW = '{"doc_id": "d", "crc32": 7, "uri": "u", "verdict": "%s"}\n'


def test_verdicts_are_read_by_document_stretch_and_skill(tmp_path: Path) -> None:
    file = tmp_path / "judged.jsonl"
    file.write_text(ROW % "related", encoding="utf-8")
    assert read_verdicts(file) == {("d", 7, "u"): "related"}
    assert len(read_verdicts()) == 6_086


@pytest.mark.parametrize("content", ["{", ROW % "fine", '{"doc_id": "d"}\n'])
def test_a_row_that_is_no_judged_link_is_told(tmp_path: Path, content: str) -> None:
    file = tmp_path / "judged.jsonl"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(BadInputError, match=r"row 1 of .* holds no judged link"):
        read_verdicts(file)
    with pytest.raises(BadInputError, match="is missing"):
        read_verdicts(tmp_path / "absent.jsonl")


def examples(count: int) -> list[Example]:
    """Links that are right where the fit is high; every second one knows no tagger's score."""
    found = []
    for number in range(count):
        fit = 0.5 + 0.5 * (number * 7 % count) / count
        verdict = "right" if fit > 0.75 else "wrong"
        sure = None if number % 2 else 0.9
        traits = Traits(fit, 0.0, 0.0, 1.0, 0.0, 0.0, sure, 0.0)
        found.append(Example(f"wording {number}", traits, verdict, True))
    return found


def test_what_is_not_known_of_a_link_counts_as_usual() -> None:
    values, usual = table(examples(20))
    assert values.shape == (20, 8)
    assert np.isfinite(values).all()
    assert values[1, 6] == usual[6] == pytest.approx(0.9)


def test_the_likelihood_is_learnt_and_holds_for_unseen_wordings() -> None:
    pytest.importorskip("sklearn")
    found = examples(100)
    right = np.array([one.verdict == "right" for one in found])
    values, _ = table(found)
    intercept, weights = fitted(values, right)
    assert weights[0] > 0
    assert ((intercept + values @ weights > 0) == right).mean() > 0.9
    likely = unseen(found)
    assert likely[right].min() > likely[~right].min()
    assert likely[right].mean() > 0.7 > 0.3 > likely[~right].mean()
    first = report(found, likely, "likelihood").splitlines()[0].split(" | ")
    assert int(first[3]) > 40
