"""Projects and awards of earlier years."""

import html

from seeds.importing.cleaning import Cells
from seeds.importing.profiles.profile import Beside, Profile, Row

_NOT_ASSESSED = {"尚未评估", "无需评估"}
_TITLE_MISSING = {"title missing", "not available"}
_NO_ABSTRACT = {"", "n/a", "na", "none", "no abstract at this time", "not avaialble", "not available"}


def nsf_award(cells: Cells, beside: Beside) -> Row:
    """The institution is told only where the first investigator was never at another."""
    people = cells.names("PIcoPI", ",", name="people")
    agents = cells.values.get("fundingAgent")
    programmes = [
        str(agent["pgm"].get("name") or "").strip()
        for agent in (agents if isinstance(agents, list) else [])
        if isinstance(agent, dict) and isinstance(agent.get("pgm"), dict)
    ]
    home = beside.only_institution.get(people[0], "") if people else ""
    return {
        "number": cells.need("awardID", name="number"),
        "title": cells.need("title", name="title"),
        "abstract": cells.prose("abstract"),
        "institution": beside.institutions.get(home, ""),
        "people": list(dict.fromkeys(beside.investigators[one] for one in people if one in beside.investigators)),
        "starts_on": cells.day("effectiveDate", name="starts_on"),
        "ends_on": cells.day("expirationDate", name="ends_on"),
        "programme": cells.joined(programmes, name="programme"),
        "language": "en",
    }


def nsf_terminated(cells: Cells, beside: Beside) -> Row:
    amount, currency = cells.money("Obligated", currency="USD")
    return {
        "number": cells.need("Award ID", name="number"),
        "title": cells.need("Title", name="title"),
        "institution": cells.text("Recipient"),
        "amount": amount,
        "currency": currency,
        "programme": cells.text("Directorate"),
        "grade": "terminated",
        "language": "en",
    }


def sbir_award(cells: Cells, beside: Beside) -> Row:
    """The award's page number names it: tracking numbers repeat. The year is no date, so it stands with the phase."""
    title = _unescaped(cells.need("title", name="title"))
    if title.lower() in _TITLE_MISSING:
        title = Cells({"title": ""}).need("title", name="title")
    amount, currency = cells.money("award_amount", currency="USD")
    known = amount is not None and float(amount) > 0  # the source writes 0.0 for an amount it does not know
    abstract = cells.prose("abstract").removeprefix("Abstract").strip()
    parts = [cells.text(column) for column in ("program", "phase", "award_year", "agency", "branch")]
    return {
        "number": cells.need("url", name="number").rstrip("/").rpartition("/")[2],
        "title": title,
        "abstract": "" if abstract.lower() in _NO_ABSTRACT else _unescaped(abstract),
        "institution": _unescaped(cells.text("comp_name")),
        "amount": amount if known else None,
        "currency": currency if known else None,
        "programme": ", ".join(part for part in parts if part),
        "language": "en",
    }


def _unescaped(text: str) -> str:
    return html.unescape(html.unescape(text))  # the source escaped some of its texts twice


def nsfc(cells: Cells, beside: Beside) -> Row:
    amount, currency = cells.money("金额", currency="CNY", unit=10_000)
    starts_on, ends_on = cells.months("起止年月")
    grade = cells.text("总评", name="grade")
    return {
        "number": cells.need("项目批准号", name="number"),
        "title": cells.need("项目名称", name="title"),
        "institution": cells.text("依托单位", name="institution"),
        "people": cells.names("负责人", "、,，;；", name="people"),
        "amount": amount,
        "currency": currency,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "programme": cells.text("项目类别", name="programme"),
        "grade": "" if grade in _NOT_ASSESSED else grade,
        "language": "zh",
    }


def nssf(cells: Cells, beside: Beside) -> Row:
    parts = [cells.text("项目类别", name="programme"), cells.text("学科分类", name="programme")]
    return {
        "number": cells.need("项目批准号", name="number"),
        "title": cells.need("项目名称", name="title"),
        "institution": cells.text("工作单位", name="institution"),
        "people": cells.names("项目负责人", "、,，;；\r\n", name="people"),
        "starts_on": cells.day("立项时间", name="starts_on"),
        "ends_on": cells.day("结项时间", name="ends_on"),
        "programme": " · ".join(part for part in parts if part),
        "grade": cells.text("成果等级", name="grade"),
        "language": "zh",
    }


def plain(cells: Cells, beside: Beside) -> Row:
    amount, currency = cells.money("amount", currency=cells.text("currency").upper())
    return {
        "number": cells.need("number", name="number"),
        "title": cells.need("title", name="title"),
        "abstract": cells.prose("abstract"),
        "institution": cells.text("institution"),
        "people": cells.names("people", ";；、|\n", name="people"),
        "amount": amount,
        "currency": currency,
        "starts_on": cells.day("starts_on", name="starts_on"),
        "ends_on": cells.day("ends_on", name="ends_on"),
        "programme": cells.text("programme"),
        "grade": cells.text("grade"),
        "language": cells.text("language"),
    }


PROFILES = [
    Profile(
        "nsf-awards",
        "projects",
        "NSF CISE awards",
        frozenset({"awardID", "title", "effectiveDate", "PIcoPI"}),
        nsf_award,
        "US National Science Foundation awards; names from pi-names.csv beside the file",
    ),
    Profile(
        "nsf-terminated",
        "projects",
        "NSF terminated awards",
        frozenset({"Award ID", "Directorate", "Recipient", "Title", "Obligated"}),
        nsf_terminated,
        "US National Science Foundation awards ended early",
    ),
    Profile(
        "sbir",
        "projects",
        "SBIR awards",
        frozenset({"agency", "award_amount", "comp_name", "phase", "title", "url"}),
        sbir_award,
        "US awards to small companies",
    ),
    Profile(
        "nsfc",
        "projects",
        "国家自然科学基金",
        frozenset({"项目批准号", "项目名称", "依托单位", "负责人", "金额", "起止年月"}),
        nsfc,
        "National Natural Science Foundation of China; amounts in 10,000 yuan",
    ),
    Profile(
        "nssf",
        "projects",
        "国家社会科学基金",
        frozenset({"项目批准号", "项目名称", "项目负责人", "工作单位", "立项时间", "结项时间", "成果等级"}),
        nssf,
        "National Social Science Fund of China, with completion grades",
    ),
    Profile(
        "projects", "projects", "", frozenset({"number", "title"}), plain, "columns named as the platform's fields"
    ),
]
