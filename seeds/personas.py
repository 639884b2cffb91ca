"""The people of the demonstration round. Fictitious; the names mean nobody."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody who signs in: for which organisation they act, in which roles, and up to which label they read."""

    subject: str
    given_name: str
    family_name: str
    name: str
    organisation: str
    roles: tuple[str, ...]
    clearance: str = "internal"
    shows: str = ""
    """What a visitor can try as this person."""

    @property
    def email(self) -> str:
        return f"{self.subject}@hechuan.example"


OFFICE = "Chengdu–Chongqing Coordination Office"
PROGRAMME = "Joint Science Programme Office"
INSTITUTE = "Chengdu Institute of Light Alloys"
UNIVERSITY = "Chongqing Jialing University"
XIAN = "Xi'an Materials Testing Institute"
IP_OFFICE = "Regional IP Office"
EQUIPMENT = "Mianyang Large Equipment Centre"
BANK = "Jinjiang Innovation Bank"
CREDIT = "Regional Credit Service"

PERSONAS = (
    Persona(
        "admin",
        "Rui",
        "Fang",
        "方睿 Fang Rui",
        "Platform administration",
        ("administrator",),
        "confidential",
        "people, roles, event health",
    ),
    Persona(
        "chen.coordinator",
        "Yu",
        "Chen",
        "陈宇 Chen Yu",
        OFFICE,
        ("coordinator",),
        "confidential",
        "admissions, sign-off of calls, security review",
    ),
    Persona(
        "deng.coordinator",
        "Lin",
        "Deng",
        "邓琳 Deng Lin",
        OFFICE,
        ("coordinator",),
        "confidential",
        "answers objections to a decision that the other coordinator approved",
    ),
    Persona(
        "li.officer",
        "Wen",
        "Li",
        "李文 Li Wen",
        PROGRAMME,
        ("programme_officer",),
        "confidential",
        "calls, assignment of reviewers, ranking, milestones",
    ),
    Persona(
        "wu.finance",
        "Hong",
        "Wu",
        "吴虹 Wu Hong",
        PROGRAMME,
        ("finance_officer",),
        "confidential",
        "claims of expenditure, tranches",
    ),
    Persona(
        "zhao.institute",
        "Min",
        "Zhao",
        "赵敏 Zhao Min",
        INSTITUTE,
        ("applicant", "representative"),
        "controlled",
        "an application led by an institute, its project and results",
    ),
    Persona(
        "sun.university",
        "Jie",
        "Sun",
        "孙洁 Sun Jie",
        UNIVERSITY,
        ("applicant", "representative"),
        "controlled",
        "partner consent and a rival application",
    ),
    Persona(
        "luo.legal",
        "Yi",
        "Luo",
        "罗毅 Luo Yi",
        UNIVERSITY,
        ("legal_officer",),
        "controlled",
        "the agreement on a project's results, its versions and papers",
    ),
    Persona("expert.ma", "Lan", "Ma", "马岚 Ma Lan", XIAN, ("reviewer",), "controlled", "reviews"),
    Persona("expert.guo", "Feng", "Guo", "郭峰 Guo Feng", XIAN, ("reviewer",), "controlled", "reviews"),
    Persona(
        "expert.tan",
        "Hua",
        "Tan",
        "谭华 Tan Hua",
        INSTITUTE,
        ("reviewer",),
        "controlled",
        "an expert in conflict: employed by an applicant",
    ),
    Persona(
        "he.ip",
        "Qing",
        "He",
        "何清 He Qing",
        IP_OFFICE,
        ("ip_officer",),
        "confidential",
        "disclosures, assets, deadlines",
    ),
    Persona(
        "lin.facility",
        "Tao",
        "Lin",
        "林涛 Lin Tao",
        EQUIPMENT,
        ("facility_owner",),
        "internal",
        "facilities and bookings",
    ),
    Persona(
        "qian.bank", "Li", "Qian", "钱莉 Qian Li", BANK, ("finance_partner",), "controlled", "products and matches"
    ),
    Persona(
        "xu.credit", "Bo", "Xu", "徐波 Xu Bo", CREDIT, ("credit_officer",), "controlled", "credit (read only so far)"
    ),
    Persona(
        "song.auditor", "Yan", "Song", "宋燕 Song Yan", OFFICE, ("auditor",), "confidential", "audit and causal chains"
    ),
)
