"""The component in blank spaCy pipelines."""

from __future__ import annotations

from pathlib import Path

import pytest

spacy = pytest.importorskip("spacy", reason="needs the extra spacy")

TEXT = "Skills: Python and wound care. Stack: C++/C#"


def test_a_pipeline_holds_every_skill_with_its_exact_place(toy_folder: Path) -> None:
    import ner.spacy_component  # noqa: F401 - without an installed package there is no entry point

    nlp = spacy.blank("en")
    nlp.add_pipe("skill_tagger", config={"folder": str(toy_folder)})
    doc = nlp(TEXT)
    found = doc.spans["skills"]
    places = [tuple(map(int, span.id_.split(":"))) for span in found]
    assert [TEXT[start:end] for start, end in places] == ["Python", "wound care", "C++", "C#"]
    assert {span.label_ for span in found} == {"TECHNOLOGY", "TECHNICAL"}
    assert found[1].text == "wound care"


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_tokens_that_hold_two_skills_lose_neither(language: str, toy_folder: Path) -> None:
    from ner.spacy_component import SkillComponent
    from ner.tagger import SkillTagger

    doc = SkillComponent(SkillTagger.load(toy_folder))(spacy.blank(language)(TEXT))
    assert [span.id_ for span in doc.spans["skills"]][-2:] == ["38:41", "42:44"]
