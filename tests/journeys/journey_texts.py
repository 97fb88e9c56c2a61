"""The sample texts, and a post with and without what an employer says of itself."""

from __future__ import annotations

from offline import ROOT

SAMPLES = ROOT / "data" / "samples"
POSTS = sorted((SAMPLES / "posts").glob("*.txt"))

COMPANY = """About us
Harrowgate Instruments was founded in 1974 and is still run by the family. Some 140 people work in
our house by the canal, and we have customers in nineteen countries. We believe in long lunches,
short meetings and honest answers.
"""
TASKS = """Your tasks
- Maintain and extend our order system in Python and PostgreSQL
- Write unit tests and take part in code reviews
- Prepare monthly reports in Excel for the sales department
- Answer questions of customers by phone and e-mail

Your profile
- Several years of experience with Python and SQL
- You know Docker, Git and Linux
- Experience with project management, ideally Scrum
- Good communication skills and attention to detail
- You solve problems on your own and like to work in a team
"""
OFFERS = """What we offer
Thirty days of holiday, a pension, fruit, a bicycle, a discount in the gym next door, and a training
budget that is yours to spend. Flexible hours and a free parking space.

We are an equal opportunity employer. We welcome people of every age, origin, religion, gender,
identity and orientation, with and without disabilities. If you need support with your application,
please tell us: Ms Okonjo will be glad to help.
"""


def english_posts() -> str:
    """The English sample posts, one after another, without a mention of Terraform."""
    body = "\n".join(path.read_text("utf-8") for path in POSTS if path.stem.endswith("_en"))
    return body.replace("Terraform", "our tools")
