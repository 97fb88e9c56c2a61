"""A taxonomy in ESCO's layout and an encoder, both small, invented, and made on the spot."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from ner.weights import write_manifest

BASE = "http://example.org/esco"
DIMENSION = 48
SECRET = "Sews sails all day"

CONCEPT_COLUMNS = "conceptType,conceptUri,preferredLabel,altLabels,hiddenLabels,status,description"
OCCUPATION_COLUMNS = CONCEPT_COLUMNS + ",iscoGroup,code"
SKILL_COLUMNS = CONCEPT_COLUMNS + ",skillType,reuseLevel,replacedBy"
GROUP_COLUMNS = "conceptUri,preferredLabel,code"

OCCUPATIONS = {
    "en": [
        ("baker", "baker", "bread maker\nbaker of bread", "", "Bakes bread", "7512", "7512.1"),
        ("sailmaker", "sail maker", "sewer of sails", "sailmkr", SECRET, "7534", "7534.2"),
        ("welder", "welder", "metal joiner", "", "", "7212", "7212.3"),
    ],
    "de": [
        ("baker", "Bäcker/Bäckerin", "Brotbäcker", "", "Backt Brot", "7512", "7512.1"),
        ("sailmaker", "Segelmacher/Segelmacherin", "", "", "", "7534", "7534.2"),
        ("welder", "Schweißer/Schweißerin", "Metallfüger", "", "", "7212", "7212.3"),
    ],
}
SKILLS = {
    "en": [
        ("dough", "knead dough", "work dough | prepare dough", "skill/competence", "released", ""),
        ("ovens", "ovens", "baking ovens", "knowledge", "released", ""),
        ("sewing", "sew sails", "stitch sails", "skill/competence", "released", ""),
        ("seams", "weld seams", "join metal", "skill/competence", "released", ""),
        ("cpp", "C++", "", "knowledge", "released", ""),
        ("c", "C", "", "knowledge", "released", ""),
        ("excel", "Excel", "MS Excel | Excel skills | Excel skill", "knowledge", "released", ""),
        ("old", "stitch canvas", "canvas", "skill/competence", "obsolete", f"{BASE}/skill/sewing"),
    ],
    "de": [
        ("dough", "Teig kneten", "", "skill/competence", "released", ""),
        ("ovens", "Öfen", "", "knowledge", "released", ""),
        ("sewing", "Segel nähen", "", "skill/competence", "released", ""),
        ("seams", "", "", "skill/competence", "released", ""),
        ("cpp", "C++", "", "knowledge", "released", ""),
    ],
}
RELATIONS = [
    ("baker", "essential", "dough"),
    ("baker", "optional", "ovens"),
    ("baker", "optional", "dough"),
    ("sailmaker", "essential", "sewing"),
    ("sailmaker", "optional", "old"),
    ("welder", "essential", "seams"),
]
BROADER = [("isco/C7512", "isco/C75"), ("occupation/baker", "isco/C7512")]
SKILL_BROADER = [("skill/dough", "group/S1"), ("skill/dough", "group/S2")]

# What the toy tagger marks: the words of most skills, and one that no skill of the taxonomy fits.
TAGGED = {
    **dict.fromkeys(("knead", "Knead", "sew", "stitch", "weld", "Teig", "Segel"), "B-TECHNICAL"),
    **dict.fromkeys(("dough", "sails", "seams", "kneten", "nähen"), "I-TECHNICAL"),
    **dict.fromkeys(("ovens", "Öfen", "C++"), "B-TECHNOLOGY"),
    "basketry": "B-SOFT",
}


def table(header: str, rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return out.getvalue().encode()


def esco_tables() -> dict[str, bytes]:
    """The files of the toy taxonomy, by path inside its folder."""
    files: dict[str, bytes] = {}
    for language in ("en", "de"):
        files[f"{language}/occupations_{language}.csv"] = table(
            OCCUPATION_COLUMNS,
            [
                ("Occupation", f"{BASE}/occupation/{key}", name, other, hidden, "released", text,
                 isco, code)
                for key, name, other, hidden, text, isco, code in OCCUPATIONS[language]
            ],
        )  # fmt: skip
        files[f"{language}/skills_{language}.csv"] = table(
            SKILL_COLUMNS,
            [
                ("KnowledgeSkillCompetence", f"{BASE}/skill/{key}", name, other, "", status, "",
                 skill_type, "sector-specific", heir)
                for key, name, other, skill_type, status, heir in SKILLS[language]
            ],
        )  # fmt: skip
        files[f"{language}/ISCOGroups_{language}.csv"] = table(
            GROUP_COLUMNS,
            [(f"{BASE}/isco/C75", "craft", "75"), (f"{BASE}/isco/C7512", "bakers", "7512")],
        )
        files[f"{language}/skillGroups_{language}.csv"] = table(
            GROUP_COLUMNS,
            [(f"{BASE}/group/S1", "handling", "S1"), (f"{BASE}/group/S2", "cooking", "S2")],
        )
    files["en/occupationSkillRelations_en.csv"] = table(
        "occupationUri,relationType,skillType,skillUri",
        [
            (f"{BASE}/occupation/{occupation}", kind, "", f"{BASE}/skill/{skill}")
            for occupation, kind, skill in RELATIONS
        ],
    )
    for name, pairs in (("Occ", BROADER), ("Skill", SKILL_BROADER)):
        files[f"en/broaderRelations{name}Pillar_en.csv"] = table(
            "conceptType,conceptUri,broaderType,broaderUri",
            [("", f"{BASE}/{child}", "", f"{BASE}/{parent}") for child, parent in pairs],
        )
    return files


def write_files(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def write_encoder(folder: Path, seed: int = 0, **fields: object) -> Path:
    """An encoder that averages one random vector a word; another seed is another model."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [row[1:5] for part in (OCCUPATIONS, SKILLS) for rows in part.values() for row in rows]
    words = [text.replace("|", " ") for row in rows for text in row]
    words += ["Bakes bread Backt Brot craft bakers handling cooking", SECRET]
    words += [f"w{number}" for number in range(40)]
    size = _write_tokenizer(folder / "tokenizer.json", words)
    _write_onnx(folder / "model.onnx", size, seed)
    values = {"dimension": DIMENSION, "window": {"size": 12, "overlap": 4}, **fields}
    files = ["model.onnx", "tokenizer.json"]
    write_manifest(folder, "encoder", f"toy{seed}", "1", files, **values)
    return folder


def _write_tokenizer(path: Path, texts: Sequence[str]) -> int:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.WordLevel(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.WordLevelTrainer(special_tokens=["<unk>", "<s>", "</s>"])
    tokenizer.train_from_iterator(sorted(texts), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    # Saved the way libraries save it, with a cut and a padding that must not be obeyed.
    tokenizer.enable_truncation(5)
    tokenizer.enable_padding(length=9)
    tokenizer.save(str(path))
    return int(tokenizer.get_vocab_size())


def _write_onnx(path: Path, size: int, seed: int) -> None:
    from onnx import TensorProto, helper, numpy_helper, save

    weights = np.random.default_rng(seed).normal(size=(size, DIMENSION)).astype(np.float32)
    weights[1:3] = 0
    nodes = [
        helper.make_node("Gather", ["weights", "input_ids"], ["words"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["wide"]),
        helper.make_node("Mul", ["words", "wide"], ["kept"]),
        helper.make_node("ReduceMean", ["kept", "middle"], ["embedding"], keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "toy",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, [1, "n"])
            for name in ("input_ids", "attention_mask")
        ],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, DIMENSION])],
        [
            numpy_helper.from_array(weights, "weights"),
            numpy_helper.from_array(np.array([2], np.int64), "last"),
            numpy_helper.from_array(np.array([1], np.int64), "middle"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 9
    save(model, str(path))


def clustered(count: int, dimension: int, seed: int = 0) -> np.ndarray:
    """Unit vectors in clusters, as label vectors are; random ones have no near neighbours."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(max(1, count // 20), dimension))
    vectors = centres[rng.integers(len(centres), size=count)]
    vectors = vectors + 0.35 * rng.normal(size=(count, dimension))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.astype(np.float32)
