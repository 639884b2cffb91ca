"""What the demonstration round is made of, apart from its people: organisations, texts, products. All fictitious."""

from typing import Any

_ORGANISATIONS = (
    ("Chengdu–Chongqing Coordination Office", "成渝协同创新办公室", "office", "civil", "Chengdu"),
    ("Joint Science Programme Office", "联合科技计划办公室", "department", "civil", "Chongqing"),
    ("Xi'an Materials Testing Institute", "西安材料检测研究院", "institute", "civil", "Xi'an"),
    ("Regional IP Office", "区域知识产权运营中心", "office", "civil", "Chengdu"),
    ("Mianyang Large Equipment Centre", "绵阳大型仪器共享中心", "institute", "defence", "Mianyang"),
    ("Jinjiang Innovation Bank", "锦江创新银行", "bank", "civil", "Chengdu"),
    ("Regional Credit Service", "区域科技信用服务中心", "office", "civil", "Chongqing"),
)
ORGANISATIONS: dict[str, dict[str, Any]] = {
    name: {"name_zh": name_zh, "kind": kind, "sector": sector, "region": region}
    for name, name_zh, kind, sector, region in _ORGANISATIONS
}
INSTITUTE: dict[str, Any] = {
    "name_zh": "成都轻合金研究所",
    "kind": "institute",
    "sector": "defence",
    "region": "Chengdu",
}
UNIVERSITY: dict[str, Any] = {"name_zh": "重庆嘉陵大学", "kind": "university", "sector": "civil", "region": "Chongqing"}

REQUIREMENT: dict[str, Any] = {
    "title": "Bearing cages for 36,000 revolutions a minute",
    "title_zh": "每分钟三万六千转轴承保持架",
    "problem": "Cages of bronze tear above 25,000 revolutions a minute, and those of polymer creep when warm. "
    "Every fast spindle of the region is therefore run at two thirds of what its motor allows.",
    "indicators": [
        {"what": "Speed over 200 hours", "value": "≥ 36,000", "unit": "1/min"},
        {"what": "Grain size of the alloy", "value": "≤ 20", "unit": "µm"},
    ],
    "field": "advanced materials",
    "stage": "research",
    "urgency": "short_term",
    "label": "internal",
}
OPINIONS: list[dict[str, Any]] = [
    {
        "importance": 5,
        "feasibility": 4,
        "comment": "Light alloys with a fine grain would do it; the fatigue data are what is missing.",
    },
    {"importance": 4, "feasibility": 4, "comment": "Worth it for makers of turbines as well. Ask for a test at speed."},
]
CALL: dict[str, Any] = {
    "title": "Light alloys for high-speed bearings",
    "title_zh": "高速轴承用轻合金材料",
    "summary": "Aluminium–lithium alloys and their heat treatment for bearings above 30,000 revolutions a minute, "
    "from laboratory sample to a tested part, with results that both civil makers and institutes can use.",
    "field": "advanced materials",
    "stage": "research",
    "budget": {"amount": "5000000.00", "currency": "CNY"},
    "ceiling": {"amount": "3000000.00", "currency": "CNY"},
    "kinds": ["institute", "university", "company"],
    "regions": [],
    "reviewers_per_application": 2,
    "criteria": [
        {"name": "Scientific quality", "weight": 40},
        {"name": "Feasibility", "weight": 30},
        {"name": "Use on both sides", "weight": 30},
    ],
    "budget_terms": {
        "years": 2,
        "caps": [{"category": "indirect", "percent": "30", "of": "direct_less_equipment"}],
        "own_percent": "5",
    },
    "inventor_floor": "1/5",
    "label": "public",
}
NEXT_CALL: dict[str, Any] = {
    "title": "Testing shared: fatigue and wear of light structures",
    "title_zh": "共享试验：轻质结构的疲劳与磨损",
    "summary": "Methods and rigs that several owners can use, for the fatigue and wear of light structures: one "
    "procedure, measured on at least two facilities of different owners, with its uncertainty, open to companies that "
    "have no test bench.",
    "field": "testing",
    "stage": "design_finalisation",
    "budget": {"amount": "3600000.00", "currency": "CNY"},
    "ceiling": {"amount": "1200000.00", "currency": "CNY"},
    "kinds": ["institute", "university", "company"],
    "regions": [],
    "reviewers_per_application": 2,
    "criteria": [
        {"name": "Use by others", "weight": 50},
        {"name": "Method", "weight": 30},
        {"name": "Cost", "weight": 20},
    ],
    "portfolio": [{"trait": "newcomer", "value": "", "sense": "at_least", "share": "25", "of": "budget"}],
    "inventor_floor": "1/5",
    "label": "public",
}
"""Stays open after the demonstration round, so that whoever looks at the platform can apply."""
CONSORTIUM: dict[str, Any] = {
    "title": "Grain-refined Al–Li bearing cages",
    "abstract": "We refine the grain of an aluminium–lithium alloy by pulsed cooling and test bearing cages made of it "
    "at 36,000 revolutions a minute. The institute casts and heat-treats, the university models the cooling and "
    "measures the fatigue of advanced materials.",
    "requested": {"amount": "2600000.00", "currency": "CNY"},
}
RIVAL: dict[str, Any] = {
    "title": "Fatigue atlas of light alloys",
    "abstract": "An open atlas of fatigue curves for twelve light alloys at high frequency, measured by one method and "
    "published with its uncertainty, for designers of bearings and of other fast parts of advanced materials.",
    "requested": {"amount": "2900000.00", "currency": "CNY"},
}
SCORES = {
    "consortium": [(9, 8, 9), (8, 8, 9)],
    "rival": [(8, 6, 6), (7, 7, 6)],
}
MILESTONES = [
    ("Sample plates cast", "Ten plates with grain below 20 micrometres", "1000000.00"),
    ("Cage tested at speed", "Report of 200 hours at 36,000 revolutions a minute", "1600000.00"),
]
COSTS: dict[str, list[tuple[str, int, str, str]]] = {
    "institute": [
        ("equipment", 1, "1100000.00", "150000.00"),
        ("staff", 1, "300000.00", "0.00"),
        ("staff", 2, "300000.00", "0.00"),
        ("indirect", 2, "100000.00", "0.00"),
    ],
    "university": [
        ("staff", 1, "200000.00", "30000.00"),
        ("staff", 2, "300000.00", "0.00"),
        ("testing", 2, "300000.00", "0.00"),
    ],
}
"""The consortium's budget by organisation: category, year of the project, asked for, own contribution."""
RIVAL_COSTS = [
    ("testing", 1, "1200000.00", "145000.00"),
    ("staff", 1, "700000.00", "0.00"),
    ("staff", 2, "600000.00", "0.00"),
    ("travel", 2, "100000.00", "0.00"),
    ("indirect", 2, "300000.00", "0.00"),
]
CLAIM = ("equipment", 0, "420000.00", "Pulsed cooling line, first instalment")
TERMS: dict[str, Any] = {
    "inventor_share": "1/2",
    "disposal": "joint",
    "exploitation": "all",
    "exploitation_terms": "Each party may use the results in its own products; licences to others are given jointly.",
    "publication_days": 30,
    "publication_terms": "Casting parameters are published only when both parties agree.",
}
"""Of the agreement on the results, beside parties and inventors."""
DISCLOSURE = {
    "title": "Pulsed cooling of aluminium–lithium melts",
    "abstract": "A cooling jet is pulsed in step with the solidification front, so that grains stay below "
    "20 micrometres without a refiner.",
    "funding": "Joint programme, the project named above",
}
ACHIEVEMENT: dict[str, Any] = {
    "title": "Grain-refined Al–Li plates",
    "title_zh": "晶粒细化铝锂合金板材",
    "kind": "material",
    "abstract": "Plates of 8 mm with grain below 20 micrometres, cast without a refiner.",
    "trl": 5,
    "trl_evidence": "Ten plates cast and measured in the relevant environment; report with the first milestone.",
    "fields": ["advanced materials"],
    "label": "internal",
    "maturity": "Pilot plant, ten plates a week",
    "advantage": "A third fewer rejects than plates refined with Al–Ti–B",
    "route_to_market": "Licence to foundries; samples on request",
    "description": "Width 400 mm, thickness 8 mm, hardness 140 HV, certificate with each plate.",
}
FACILITY: dict[str, Any] = {
    "name": "High-speed spindle test bench",
    "name_zh": "高速主轴试验台",
    "kind": "test_centre",
    "technique": "rotating fatigue test",
    "region": "Mianyang",
    "summary": "Spindle to 60,000 revolutions a minute with torque and temperature record; operator included.",
    "opens_at": "08:00",
    "closes_at": "20:00",
    "slot_minutes": 60,
    "max_hours": 8,
    "label": "public",
    "price": {"amount": "800.00", "currency": "CNY"},
}
PRODUCTS: list[dict[str, Any]] = [
    {
        "title": "R&D loan by project",
        "title_zh": "研发贷",
        "kind": "r_and_d_loan",
        "stages": ["research", "design_finalisation"],
        "min": {"amount": "500000.00", "currency": "CNY"},
        "max": {"amount": "5000000.00", "currency": "CNY"},
        "term_months_min": 12,
        "term_months_max": 48,
        "price": "LPR + 0.3 % a year",
        "regions": [],
        "fields": ["advanced materials", "electronics"],
        "security_required": [],
        "rules": [],
        "terms": "Judged by the project instead of the balance sheet; no collateral below 3 million yuan.",
    },
    {
        "title": "IP pledge loan",
        "title_zh": "知识产权质押贷款",
        "kind": "bank_credit",
        "stages": ["design_finalisation", "production"],
        "min": {"amount": "1000000.00", "currency": "CNY"},
        "max": {"amount": "10000000.00", "currency": "CNY"},
        "term_months_min": 12,
        "term_months_max": 36,
        "price": "LPR + 0.6 % a year",
        "regions": ["Chengdu", "Chongqing"],
        "fields": [],
        "security_required": ["ip_pledge"],
        "rules": [],
        "terms": "Against a registered IP asset; green channel for admitted organisations.",
    },
    {
        "title": "Interest subsidy for joint projects",
        "title_zh": "协同项目贴息",
        "kind": "interest_subsidy",
        "stages": ["research"],
        "min": {"amount": "100000.00", "currency": "CNY"},
        "max": {"amount": "2000000.00", "currency": "CNY"},
        "term_months_min": 6,
        "term_months_max": 36,
        "price": "Half of the interest paid",
        "regions": ["Chengdu", "Chongqing", "Mianyang"],
        "fields": [],
        "security_required": [],
        "rules": ["need.has_project"],
        "terms": "For projects of the joint programme; paid each half year against receipts.",
    },
]
NEED: dict[str, Any] = {
    "title": "Working capital for the pilot plant",
    "purpose": "Moulds, melts and 200 hours of bench time until the second tranche.",
    "stage": "research",
    "amount": {"amount": "1500000.00", "currency": "CNY"},
    "term_months": 24,
    "security_offered": ["ip_pledge"],
    "field": "advanced materials",
    "region": "Chengdu",
}
