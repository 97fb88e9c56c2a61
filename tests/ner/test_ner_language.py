import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ner.language import detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We are looking for a nurse with experience in wound care", "en"),
        ("You work with the team", "en"),
        ("Wir suchen eine Pflegefachkraft mit Erfahrung in der Wundversorgung", "de"),
        ("Sichere Kenntnisse in SAP und Excel sowie gute Englischkenntnisse", "de"),
        ("Nous recherchons un développeur avec une expérience en Python", "other"),
        ("Buscamos un desarrollador con experiencia en el sector", "other"),
        ("Требуется опытный сварщик", "other"),
        ("看護師を募集しています", "other"),
        ("Python, SQL, Docker", "und"),
        ("Chef de Partie", "und"),
        ("Elektriker (all genders)", "und"),
        ("R, C, A/B", "und"),
        ("", "und"),
        ("\0 \n 123 !!", "und"),
    ],
)
def test_the_language_is_told_by_its_small_words(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize("marker", ["(m/w/d)", "(w/m/d)", "(m/f/d)", "(M / W / D)", "m|w|d", "w/m"])
@pytest.mark.parametrize(
    "title", ["Elektroniker", "Java-Entwickler {} gesucht", "Pflegefachkraft {} in Vollzeit"]
)
def test_a_gender_marker_makes_a_german_title_no_other_language(title: str, marker: str) -> None:
    text = title.format(marker) if "{}" in title else f"{title} {marker}"
    assert detect(text) == "und"


def test_a_gender_marker_hides_no_small_words() -> None:
    assert detect("Koch (m/w/d) mit Erfahrung in der Küche") == "de"
    assert detect("Nurse (all genders) with experience in wound care") == "en"


PARAGRAPHS = {
    "Turkish": """Hastanemiz hemşire istihdam etmektedir. Görevler hastalara ilgi göstermek, ilaç
        vermek ve pansuman değiştirmektir. Güler yüzlü, deneyimli kişileri bekliyoruz.""",
    "Czech": """Do naší nemocnice přijmeme zdravotní sestru. Náplní práce je péče o pacienty,
        podávání léků a ošetřování ran. Očekáváme spolehlivost a chuť učit se novým věcem.""",
    "Hungarian": """Kórházunkba ápolót keresünk, aki szívesen dolgozik betegekkel. Feladata a sebek
        ellátása és a gyógyszerek kiadása lesz. Hosszú távú munkalehetőséget biztosítunk.""",
    "Finnish": """Haemme sairaanhoitajaa osastollemme. Työhön kuuluu haavanhoitoa, lääkehoitoa ja
        potilaiden ohjausta. Meillä on hyvä henki, ja työ on monipuolista.""",
    "Romanian": """Cautam un programator cu experienta pentru echipa noastra din Cluj. Cunostintele
        de Python sunt obligatorii, iar limba engleza este un avantaj.""",
    "Polish": """Szpital zatrudni pielęgniarkę. Zakres obowiązków obejmuje opiekę nad pacjentami,
        podawanie leków i opatrywanie ran. Mile widziane doświadczenie i chęć rozwoju.""",
    "Indonesian": """Rumah sakit kami membuka lowongan perawat. Tugas utama meliputi perawatan luka,
        pemberian obat, dan pendampingan pasien. Pelamar diharapkan memiliki pengalaman.""",
    "Vietnamese": """Bệnh viện tuyển điều dưỡng. Công việc gồm chăm sóc vết thương, phát thuốc và
        hướng dẫn bệnh nhân. Ưu tiên người có kinh nghiệm.""",
    "Croatian": """Bolnica zapošljava medicinsku sestru. Opis posla obuhvaća njegu bolesnika,
        previjanje rana i davanje lijekova. Očekujemo odgovornost i spremnost na timski rad.""",
    # Without words of these in the list, and without letters of their own.
    "Swahili": """Tunatafuta muuguzi mwenye uzoefu kujiunga na timu yetu jijini Mombasa. Kazi ni
        kuhudumia wagonjwa, kusafisha vidonda na kutoa dawa kwa wakati.""",
    "Tagalog": """Naghahanap kami ng bihasang nars para sa aming ospital sa Cebu. Kailangan ang
        mahusay na pag-aalaga ng sugat at pagbibigay ng gamot at pagtulong sa mga pasyente.""",
    "Basque": """Erizain bat bilatzen dugu gure ospitalerako. Zauriak zaintzea eta botikak ematea
        izango dira zeregin nagusiak, baita gaixoei laguntzea ere.""",
}


@pytest.mark.parametrize("name", PARAGRAPHS)
def test_a_paragraph_in_another_language_is_told_as_one(name: str) -> None:
    assert detect(PARAGRAPHS[name]) == "other"
    assert detect(PARAGRAPHS[name], ["en"]) == "other"


def test_letters_that_neither_language_has_tell_another_one_in_a_title() -> None:
    assert detect("Deneyimli Hemşire, Ameliyathane Bölümü, Eskişehir Değirmendere") == "other"
    assert detect("řidič nákladního vozidla, třísměnný provoz") == "other"
    assert detect("Łukasz") == "und"


@pytest.mark.parametrize(
    "text",
    [
        "Jiří Dvořák (Brno) is your contact for questions",
        "You work for Škoda Auto, Česká spořitelna and Komerční banka",
        "Café Zürich, Malmö and São Paulo: our houses",
    ],
)
def test_names_from_elsewhere_make_an_english_text_no_other_language(text: str) -> None:
    assert detect(text) == "en"


NAMES = """
    Python SQL Docker Kubernetes Terraform Ansible Jenkins Git Linux Bash AWS Azure GCP Kafka
    Spark Airflow Hadoop Snowflake dbt Tableau Looker Grafana Prometheus PostgreSQL MySQL MongoDB
    Redis Elasticsearch Java Scala
"""


@pytest.mark.parametrize("between", [", ", " ", "\n", "\t", "; ", " | ", " / ", "\n- "])
@pytest.mark.parametrize("spelled", [str, str.lower, str.upper])
def test_a_list_of_thirty_names_has_no_language(
    between: str, spelled: Callable[[str], str]
) -> None:
    names = NAMES.split()
    assert len(names) == 30
    for count in (3, 15, 30):
        listed = spelled(between.join(names[:count]))
        assert detect(listed) == "und"
        assert detect(f"{listed}.") == "und"


@pytest.mark.parametrize(
    "text",
    [
        """Customer service, wound care, medication management, patient transport, ward rounds,
        infection control, blood sampling, team leadership, shift planning, first aid.""",
        """Welding, plumbing, carpentry, masonry, painting, roofing, tiling, plastering, glazing,
        flooring, wiring, soldering, drilling, milling, turning, grinding.""",
        """Wundversorgung, Medikamentengabe, Pflegedokumentation, Blutentnahme, Dienstplanung,
        Teamleitung, Erste Hilfe, Patiententransport, Notfallmanagement, Buchhaltung,
        Lohnabrechnung, Rechnungsprüfung, Kundenberatung, Vertrieb, Einkauf.""",
        """Lagerlogistik Kommissionierung Staplerschein Wareneingang Warenausgang Inventur
        Verpackung Versand Ladungssicherung Tourenplanung Zollabwicklung Gefahrgut Schichtarbeit
        Fuhrpark Disposition.""",
        """Managed large teams across multiple regions, delivering complex software projects under
        tight deadlines using agile methods. Reduced costs.""",
        """Abgeschlossene Ausbildung, mehrjährige Berufserfahrung, sicheres Auftreten, gute
        Deutschkenntnisse. Selbstständige Arbeitsweise, hohe Belastbarkeit, gepflegtes Äußeres.""",
    ],
)
def test_nouns_and_short_notes_in_english_or_german_are_no_other_language(text: str) -> None:
    assert detect(text) == "und"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Pflegefachkräfte", "de"),
        ("Buchhaltung", "de"),
        ("Wundversorgung, Medikamentengabe, Pflegedokumentation, Dienstplanung, Teamleitung", "de"),
        ("Teamfähigkeit, Zuverlässigkeit, Lernbereitschaft, Belastbarkeit, Flexibilität", "de"),
        ("Samsung, young, lung, shaft", "und"),
        ("Python, SQL, Docker", "und"),
        ("We look for a nurse who knows our house in Zürich and Köln", "en"),
    ],
)
def test_a_model_without_german_takes_german_nouns_for_german(text: str, language: str) -> None:
    assert detect(text, ["en"]) == language
    assert detect(text) in ("und", "en")


@given(st.lists(st.sampled_from(string.ascii_letters), max_size=12))
def test_single_letters_tell_no_language(letters: list[str]) -> None:
    assert detect(" ".join(letters)) == "und"
