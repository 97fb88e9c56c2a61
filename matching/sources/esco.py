"""The official ESCO download in CSV: any version, any languages, one folder or one a language.

ESCO is (c) European Union, https://esco.ec.europa.eu; the column layout is that of the
"classification" package. Later versions added columns, so few are required.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from matching.sources.tables import bad_cell, read_table
from matching.taxonomy import Concept, ConceptKind, Labels, Relation, SkillType, Taxonomy
from ner.errors import BadInputError

_STEMS: dict[ConceptKind, str] = {
    "occupation": "occupations",
    "skill": "skills",
    "isco_group": "ISCOGroups",
    "skill_group": "skillGroups",
}
_RELATIONS = "occupationSkillRelations"
_BROADER = ("broaderRelationsOccPillar", "broaderRelationsSkillPillar")
_OPTIONAL = (
    "altLabels", "hiddenLabels", "code", "iscoGroup", "skillType", "reuseLevel", "status",
    "description", "replacedBy", "isReplacedBy",
)  # fmt: skip
_SEPARATOR = re.compile(r"\r\n|[\r\n]|\s\|\s")
_VERSION = re.compile(r"(?:^|[^a-z])v(\d+(?:\.\d+)+)|^(\d+\.\d+(?:\.\d+)*)$", re.IGNORECASE)
_LANGUAGE_FILE = re.compile(r"(?:occupations|skills)_([a-z]{2,3}(?:-[a-z]+)?)\.csv$")
_DOWNLOAD = "Download the ESCO classification as CSV from https://esco.ec.europa.eu/en/use-esco."


def read_esco(
    folder: Path | str, languages: Sequence[str] | None = None, version: str | None = None
) -> Taxonomy:
    """Read the ESCO classification from `folder`.

    Files are `FOLDER/LANGUAGE/occupations_LANGUAGE.csv` or `FOLDER/occupations_LANGUAGE.csv`
    (likewise skills, ISCOGroups, skillGroups, occupationSkillRelations and the two
    broaderRelations), each plain or `.gz`; occupations, skills and the relations must be there.
    `languages` defaults to all that are found, English first; concepts without a label in those
    chosen are left out with their relations. `version` defaults to the one in
    the folder's name, else "unknown".

    Raises BadInputError for a missing or broken file, row or column, for a URI given twice, a
    concept without any label, and a relation to a URI that is not in the concept files.
    """
    root = Path(folder)
    files = _Files.scan(root)
    chosen = _choose_languages(files, root, languages)
    drafts: dict[str, _Draft] = {}
    for language in chosen:
        for kind in _STEMS:
            _read_concepts(files, kind, language, drafts)
    elsewhere = _Elsewhere(files, tuple(set(files.languages) - set(chosen)))
    concepts = {uri: draft.finish() for uri, draft in drafts.items() if draft.named(elsewhere)}
    return Taxonomy(
        name="ESCO",
        version=version or _version_of(root),
        languages=chosen,
        concepts=concepts,
        relations=tuple(_read_relations(files, concepts, elsewhere)),
        broader=tuple(_read_broader(files, concepts, elsewhere)),
        descriptions={uri: drafts[uri].texts for uri in concepts if drafts[uri].texts},
    )


@dataclass(frozen=True, slots=True)
class _Files:
    """Paths by lower-case name, since releases differ in the case of names."""

    root: Path
    paths: dict[str, Path]
    languages: tuple[str, ...]

    @classmethod
    def scan(cls, root: Path) -> _Files:
        if not root.is_dir():
            raise BadInputError(f"{root} is not a folder", _DOWNLOAD)
        paths: dict[str, Path] = {}
        languages: set[str] = set()
        # The language folders come first, the flat files after; what came first stays.
        for path in sorted(root.glob("*/*.csv*")) + sorted(root.glob("*.csv*")):
            key = path.name.lower().removesuffix(".gz")
            if path.parent != root and not key.endswith(f"_{path.parent.name.lower()}.csv"):
                continue
            found = _LANGUAGE_FILE.match(key)
            if found:
                languages.add(found.group(1))
            paths.setdefault(key, path)
        order = sorted(languages, key=lambda language: (language != "en", language))
        return cls(root, paths, tuple(order))

    def concept_file(self, kind: ConceptKind, language: str) -> Path | None:
        path = self.paths.get(f"{_STEMS[kind]}_{language}.csv".lower())
        if path is None and kind in ("occupation", "skill"):
            raise BadInputError(f"{self.root} has no {_STEMS[kind]}_{language}.csv", _DOWNLOAD)
        return path

    def relation_file(self, stem: str) -> Path | None:
        """Relations name no language, yet lie in a language's file; any one will do."""
        for language in (*self.languages, ""):
            key = f"{stem}_{language}.csv" if language else f"{stem}.csv"
            path = self.paths.get(key.lower())
            if path is not None:
                return path
        return None


@dataclass(slots=True)
class _Draft:
    """A concept while the files of its languages are being read."""

    concept: Concept
    path: Path
    line: int
    labels: dict[str, Labels] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def named(self, elsewhere: _Elsewhere) -> bool:
        """False if only a language that was not chosen has a label."""
        if self.labels:
            return True
        if self.concept.uri in elsewhere.uris:
            return False
        raise bad_cell(
            self.path, self.line, "preferredLabel", f"{self.concept.uri} has no label",
            "Give the concept a preferred label in at least one language.",
        )  # fmt: skip

    def finish(self) -> Concept:
        return replace(self.concept, labels=self.labels)


@dataclass(frozen=True)
class _Elsewhere:
    """Concepts of the languages that were not chosen; read only if a URI is not among ours."""

    files: _Files
    languages: tuple[str, ...]

    @cached_property
    def uris(self) -> frozenset[str]:
        paths = [
            self.files.concept_file(kind, language)
            for language in self.languages
            for kind in _STEMS
        ]
        return frozenset(
            uri.strip()
            for path in paths
            if path is not None
            for _, (uri, label) in read_table(path, ("conceptUri", "preferredLabel"))
            if label.strip()
        )


def _choose_languages(
    files: _Files, root: Path, languages: Sequence[str] | None
) -> tuple[str, ...]:
    found = ", ".join(files.languages) or "none"
    if languages is not None:
        chosen = tuple(dict.fromkeys(language.lower() for language in languages))
        missing = [language for language in chosen if language not in files.languages]
        if missing:
            raise BadInputError(
                f"{root} has no ESCO files in the language {missing[0]} (found: {found})",
                "Choose among the languages found, or download the missing one.",
            )
    else:
        chosen = files.languages
    if not chosen:
        raise BadInputError(f"{root} holds no ESCO tables such as occupations_en.csv", _DOWNLOAD)
    return chosen


def _version_of(root: Path) -> str:
    found = _VERSION.search(root.resolve().name)
    return (found.group(1) or found.group(2)) if found else "unknown"


def _read_concepts(
    files: _Files, kind: ConceptKind, language: str, drafts: dict[str, _Draft]
) -> None:
    path = files.concept_file(kind, language)
    if path is None:
        return
    seen: set[str] = set()
    for line, values in read_table(path, ("conceptUri", "preferredLabel"), _OPTIONAL):
        uri, name, alternative, hidden, *facts, description, heir, other_heir = values
        uri = uri.strip()
        if not uri:
            raise bad_cell(path, line, "conceptUri", "it is empty", "Every concept needs a URI.")
        draft = drafts.get(uri)
        if uri in seen or (draft is not None and draft.concept.kind != kind):
            raise bad_cell(
                path, line, "conceptUri", f"{uri} was given before",
                "Remove one of the two rows; each URI stands for one concept.",
            )  # fmt: skip
        seen.add(uri)
        if draft is None:
            concept = _concept(path, line, uri, kind, facts, f"{heir}\n{other_heir}")
            draft = drafts[uri] = _Draft(concept, path, line)
        preferred = " ".join(name.split())
        # An untranslated concept has an empty label in that language; others may name it.
        if preferred:
            draft.labels[language] = _labels(preferred, alternative, hidden)
        if description.strip():
            draft.texts[language] = description.strip()


def _concept(
    path: Path, line: int, uri: str, kind: ConceptKind, facts: Sequence[str], heirs: str
) -> Concept:
    code, isco, skill_type, reuse_level, status = (fact.strip() for fact in facts)
    # Written as 2654, C2654 or http://data.europa.eu/esco/isco/C2654.
    isco = isco.rsplit("/", 1)[-1].removeprefix("C") if kind == "occupation" else ""
    if isco and not (len(isco) == 4 and isco.isdigit()):
        raise bad_cell(
            path, line, "iscoGroup", f"{isco!r} is not a four-digit ISCO-08 unit group",
            "Take the file as published; spreadsheets drop leading zeros.",
        )  # fmt: skip
    known: dict[str, SkillType] = {
        "knowledge": "knowledge",
        "skill/competence": "skill/competence",
    }
    return Concept(
        uri=uri,
        kind=kind,
        code=code,
        skill_type=known.get(skill_type, ""),
        reuse_level=reuse_level,
        status="released" if status.lower() in ("", "released") else "obsolete",
        isco=isco,
        replaced_by=tuple(dict.fromkeys(_split(heirs))),
    )


def _labels(preferred: str, alternative: str, hidden: str) -> Labels:
    names = {preferred}
    kept: list[tuple[str, ...]] = []
    for cell in (alternative, hidden):
        fresh = tuple(name for name in dict.fromkeys(_split(cell)) if name not in names)
        names.update(fresh)
        kept.append(fresh)
    return Labels(preferred, kept[0], kept[1])


def _split(cell: str) -> Iterator[str]:
    """Labels stand one a line, or between bars in exports of other tools."""
    if not cell:
        return
    for part in _SEPARATOR.split(cell):
        name = " ".join(part.split())
        if name:
            yield name


def _read_relations(
    files: _Files, concepts: dict[str, Concept], elsewhere: _Elsewhere
) -> Iterable[Relation]:
    path = files.relation_file(_RELATIONS)
    if path is None:
        raise BadInputError(f"{files.root} has no {_RELATIONS}_en.csv", _DOWNLOAD)
    known = _Known(path, concepts, elsewhere)
    relations: dict[Relation, None] = {}
    columns = ("occupationUri", "relationType", "skillUri")
    for line, (occupation, kind, skill) in read_table(path, columns):
        kind = kind.strip()
        if kind not in ("essential", "optional"):
            raise bad_cell(
                path, line, "relationType", f"{kind!r} is neither essential nor optional",
                "Correct the relation type.",
            )  # fmt: skip
        one = known.uri(line, "occupationUri", occupation, "occupation")
        other = known.uri(line, "skillUri", skill, "skill")
        if one and other:
            relations[Relation(one, other, kind == "essential")] = None
    return relations


def _read_broader(
    files: _Files, concepts: dict[str, Concept], elsewhere: _Elsewhere
) -> Iterable[tuple[str, str]]:
    pairs: dict[tuple[str, str], None] = {}
    for stem in _BROADER:
        path = files.relation_file(stem)
        if path is None:
            continue
        known = _Known(path, concepts, elsewhere)
        for line, (child, parent) in read_table(path, ("conceptUri", "broaderUri")):
            one = known.uri(line, "conceptUri", child)
            other = known.uri(line, "broaderUri", parent)
            if one and other:
                pairs[(one, other)] = None
    return pairs


@dataclass(frozen=True, slots=True)
class _Known:
    """Checks the URIs in the relation table `path`."""

    path: Path
    concepts: dict[str, Concept]
    elsewhere: _Elsewhere

    def uri(self, line: int, column: str, uri: str, kind: ConceptKind | None = None) -> str | None:
        """The URI, or None if its concept has no label in the languages chosen."""
        uri = uri.strip()
        concept = self.concepts.get(uri)
        if concept is not None and (kind is None or concept.kind == kind):
            return concept.uri  # one string object for all the rows that name it
        if concept is None and uri in self.elsewhere.uris:
            return None
        what = _STEMS[kind] if kind else "concept"
        raise bad_cell(
            self.path, line, column, f"{uri or 'an empty URI'} is not in the {what} files",
            "Take all files of the folder from the same ESCO version.",
        )  # fmt: skip
