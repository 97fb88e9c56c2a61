"""Professions that ask for a licence."""

from __future__ import annotations

import numpy as np
import pytest

from matching.licences import LICENSED, licence_missing, licensed_groups
from matching.taxonomy import Concept, Labels

CODES = {"nurse": "2221", "specialist": "2221", "doctor": "2211", "cook": "5120", "new": ""}


def occupation(name: str, code: str) -> Concept:
    return Concept(name, "occupation", isco=code, labels={"en": Labels(name)})


GROUPS = licensed_groups(occupation(name, code) for name, code in CODES.items())


def missing(*titles: float) -> list[float]:
    return licence_missing(GROUPS, np.array(titles, np.float32), 0.7).tolist()


def test_occupations_of_one_unit_group_share_its_licence() -> None:
    assert [LICENSED[place] if place >= 0 else None for place in GROUPS] == [
        *("2221", "2221", "2211"),
        *(None, None),
    ]


def test_who_helps_a_professional_needs_no_licence() -> None:
    helpers = [("pharmacy technician", "2262"), ("dental hygienist", "2261"), ("x", "2262")]
    found = licensed_groups(occupation(*one) for one in [*helpers, ("ray technician", "3211")])
    assert (found >= 0).tolist() == [False, False, True, True]


def test_a_title_near_one_of_the_group_speaks_for_all_of_it() -> None:
    nurse, specialist, doctor, cook, new = missing(0.9, 0.2, 0.4, 0.1, 0.1)
    assert nurse == specialist == cook == new == 0
    assert doctor == pytest.approx(0.3)


def test_the_title_of_another_profession_speaks_for_none() -> None:
    nurse, specialist, doctor, cook, new = missing(0.5, 0.2, 0.4, 0.9, 0.1)
    assert nurse == specialist == pytest.approx(0.2)
    assert doctor == pytest.approx(0.3)
    assert cook == new == 0


@pytest.mark.parametrize("titles", [(0, 0, 0, 0, 0), (0.6, 0.2, 0.4, 0.69, 0.1)])
def test_a_document_that_names_no_profession_says_nothing_of_licences(
    titles: tuple[float, ...],
) -> None:
    assert missing(*titles) == [0] * 5


def test_without_licensed_occupations_nothing_is_missing() -> None:
    assert licence_missing(np.full(3, -1), np.ones(3, np.float32), 0.7).tolist() == [0] * 3
