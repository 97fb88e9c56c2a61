"""Lines of a document that may be a job title."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from matching.contacts import contacts, mailboxes
from matching.passages import Passage

_MOST_WORDS = 8
# First and last lines where a name may stand; letters from which a word of a mailbox is telling.
_NAME_LINES = 4
_NAME_LETTERS = 3

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mai|okt|dez)[a-zäö]*\.?\s+(?=\d)"
_DATE = rf"(?:{_MONTH})?(?:\d\d?[./])*(?:(?:19|20)\d\d|(?<=[./])\d\d)(?!\d)"
_NOW = r"(?:heute|jetzt|aktuell|present|now|today|current|date)\b"
_DATES = re.compile(
    rf"(?:seit|since|from|ab|von)?\s*{_DATE}(?:\s*(?:-|–|—|to|bis|until)\s*(?:{_DATE}|{_NOW}))?"
    r"[\s:,;|–—-]*",
    re.I,
)
_ASKED = re.compile(
    r"(?:job title|title|position|role|vacancy|occupation|current role|stelle|beruf|tätigkeit"
    r"|stellenbezeichnung|position als)\s*:\s*",
    re.I,
)
_CUT = re.compile(rf"\s[-–—|@·]\s|[,(;:\[]|\s{{2,}}|\t|\s(?={_DATE})", re.I)
_SENTENCE = re.compile(r"[.?…]\Z|\s->\s|\s=\s")
_NUMBER = re.compile(r"\A\d|\d{2}|[$€£%]")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_INITIAL = re.compile(r"\A[^\W\d_]{2,} [^\W\d_]\.(?: |\Z)")
_FIRM = re.compile(
    r"\b(?:g?GmbH|AG|KG|OHG|e\.\s?V|Ltd|LLC|Inc|Corp|plc|BV|ApS|S\.?A|GbR|UG|Hospital|Klinikum)\b"
)
# A house at the end of a line, unless the line says who works there, or where in it.
_HOUSE = re.compile(
    r"\s(?:academy|agency|association|bakery|bank|cent(?:re|er)|charity|church|clinic|college|company"
    r"|corporation|council|foundation|garage|group|hospice|hotel|inn|institute|lodge|nursery|practice"
    r"|resort|restaurant|salon|school|shop|store|studio|surgery|trust|university"
    r"|\w*(?:akademie|apotheke|bäckerei|gymnasium|hochschule|praxis|schule|stiftung|universität"
    r"|zentrum))\Z",
    re.I,
)
_SOMEBODY = re.compile(
    r"\b(?:of|at|in|for|on|an?|am|im|bei|der|des|einer|eines|für|head|principal|chef|cook|nurse|clerk"
    r"|\w+(?:ager|ant|ator|cher|der|ector|ent|essor|eur|icer|ician|ineer|ist|iker|isor|orker|utor)"
    r"|\w*(?:leiter|lehrer|kraft|helfer|meister|verkäufer|berater)\w*)\b",
    re.I,
)
# Words that titles do not have and sentences do.
_TALK_WORDS = (
    "we you our your us they them their i it its it's he she is are was were be been am will would"
    " must should can could have has had do does don't the there this that these those what when"
    " who wir sie du ihr ihre ihren dein deine dich uns unser unsere ist sind war wird werden haben"
    " hat kann können muss sich nicht auch wenn dass es bringst machst"
)
_TALK = frozenset(_TALK_WORDS.split())
_HEADINGS = frozenset(
    line.strip()
    for line in """
    about; about me; about us; who we are; address; anschrift; adresse; personal details; contact;
    contact details; kontakt; kontaktdaten; phone; telephone; telefon; tel; mobile; mobil; fax;
    email; e-mail; web; website; linkedin; born; date of birth; geboren; geburtsdatum; nationality;
    staatsangehörigkeit; familienstand; marital status; führerschein; driving licence; resume; cv;
    curriculum vitae; lebenslauf; persönliche daten; profile; profil; kurzprofil; summary;
    professional summary; objective; skills; key skills; clinical skills; technical skills;
    kenntnisse; fähigkeiten; kompetenzen; systems; tech; tools; languages; sprachen; english;
    german; deutsch; englisch; work; experience; work experience; professional experience;
    employment; employment history; berufserfahrung; beruflicher werdegang; education; training;
    ausbildung; weiterbildung; studium; schule; qualifications; required qualifications;
    requirements; certifications; licenses and certifications; certificates; zertifikate;
    education and experience; knowledge; interests; hobbies; interessen; references; referenzen;
    company; company overview; location; department; team; level; contract; start; salary;
    benefits; job summary; job overview; position summary; responsibilities; your role;
    essential duties and responsibilities; physical demands; physical requirements;
    working conditions; preferred; essential; useful; must; nice; nice to have; permanent;
    vollzeit; teilzeit; vollzeit oder teilzeit; full time; part time; full-time; part-time;
    unbefristet; ab sofort; how to apply; aufgaben; anforderungen; pluspunkte; the job; posted;
    shift; pay; shift / pay; other; references available on request; apply; to apply; achievements;
    referees; strengths; stärken; sonstiges; volunteer work; ehrenamt; continuing education;
    the small print; the team; your tasks; ihre aufgaben; ihr profil; wir bieten; perks;
    bereitschaft
    """.replace("\n", " ").split(";")
)

# Headings of sections that also stand alone as a skill, in a list of languages.
_SKILLS_TOO = frozenset(("english", "german", "englisch", "deutsch"))


def is_heading(line: str) -> bool:
    """Whether a whole line is the heading of a section ("Languages"), which names no skill."""
    words = " ".join(line.lower().split())
    return words in _HEADINGS and words not in _SKILLS_TOO


def title_lines(lines: Sequence[Passage], most: int = 60) -> list[Passage]:
    """Passages of `lines` short enough to be a job title (eight words), the first `most`.

    Dates before a title and places and dates behind it are cut off. Sentences, headings, contacts,
    addresses, firms, and the line with the name that an e-mail address repeats, are left out.
    """
    owners = {
        word
        for line in lines
        for box in mailboxes(line.text)
        for word in re.split(r"[\W\d_]+", box)
    }
    return list(islice(_titles(lines, owners), most))


def _titles(lines: Sequence[Passage], owners: set[str]) -> Iterator[Passage]:
    for number, line in enumerate(lines):
        if contacts(line.text):
            continue
        begin = 0
        for opening in (_DATES, _ASKED):
            match = opening.match(line.text, begin)
            begin = match.end() if match else begin
        rest = line.text[begin:]
        cut = _CUT.search(rest)
        head = (rest[: cut.start()] if cut else rest).rstrip(" -–—/&!")
        labelled = cut is not None and cut[0] == ":"
        if labelled or _SENTENCE.search(line.text) or not _may_be_title(head):
            continue
        outer = number < _NAME_LINES or number >= len(lines) - _NAME_LINES
        if outer and _is_name(head, owners):
            continue
        start = line.start + begin
        yield Passage(start, start + len(head), head)


def _may_be_title(head: str) -> bool:
    words = head.lower().split()
    return (
        1 <= len(words) <= _MOST_WORDS
        and len(head) >= 3
        and _LETTERS.search(head) is not None
        and _NUMBER.search(head) is None
        and _FIRM.search(head) is None
        and (_HOUSE.search(head) is None or _SOMEBODY.search(head) is not None)
        and " ".join(words) not in _HEADINGS
        and not _TALK.intersection(words)
    )


def _is_name(head: str, owners: set[str]) -> bool:
    """A middle initial, or a word that the document's own e-mail address repeats."""
    if _INITIAL.match(head):
        return True
    spelled = head.lower()
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        spelled = spelled.replace(umlaut, letters)
    words = [word for word in re.split(r"[\W\d_]+", spelled) if len(word) >= _NAME_LETTERS]
    return any(
        word == owner or (len(word) > _NAME_LETTERS and word in owner)
        for word in words
        for owner in owners
    )
