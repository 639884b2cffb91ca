"""Forms that come along, to begin with."""

from typing import Any

from services.project_management.forms.questions import Form


def _section(key: str, title: str, title_zh: str, *questions: dict[str, Any]) -> dict[str, Any]:
    return {"key": key, "title": title, "title_zh": title_zh, "questions": list(questions)}


def _ask(key: str, kind: str, label: str, label_zh: str, required: bool = True, **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": kind, "label": label, "label_zh": label_zh, "required": required, **more}


def _options(*pairs: tuple[str, str, str]) -> list[dict[str, str]]:
    return [{"value": value, "label": label, "label_zh": chinese} for value, label, chinese in pairs]


def _column(key: str, label: str, label_zh: str, kind: str = "short_text", **more: Any) -> dict[str, Any]:
    return {"key": key, "label": label, "label_zh": label_zh, "kind": kind, **more}


_DECLARATION = _section(
    "declaration", "Declaration", "声明",
    _ask("true_and_complete", "yes_no", "Everything above is true and complete", "以上内容真实、完整", must_be="true"),
    _ask("not_funded_elsewhere", "yes_no", "The same work is funded by nobody else", "同一工作未获其他资助",
         must_be="true"),
)  # fmt: skip

_RESEARCH = Form.model_validate({"sections": [
    _section(
        "aims", "Aims", "研究目标",
        _ask("problem", "long_text", "The problem", "要解决的问题", words=400),
        _ask("aim", "long_text", "What will be there at the end", "预期成果", words=300),
        _ask("novelty", "long_text", "What is new about it", "创新点", words=300),
        _ask("trl_now", "number", "Technology readiness today", "当前技术成熟度", least="1", most="9"),
        _ask("trl_then", "number", "Technology readiness at the end", "结题时技术成熟度", least="1", most="9"),
    ),
    _section(
        "work", "Work", "研究内容",
        _ask("months", "number", "Duration", "研究周期", unit="months", least="6", most="60"),
        _ask("packages", "table", "Work packages", "工作包", fewest=1, at_most=12, columns=[
            _column("name", "Name", "名称"),
            _column("months", "Months", "月数", "number"),
            _column("result", "Result", "成果"),
        ]),
        _ask("risks", "table", "Risks", "风险", False, at_most=10, columns=[
            _column("risk", "Risk", "风险"),
            _column("likelihood", "Likelihood", "可能性", "choice", choices="low = 低 | medium = 中 | high = 高"),
            _column("answer", "What you would do", "应对措施"),
        ]),
    ),
    _section(
        "people", "People", "研究团队",
        _ask("team", "table", "Key people", "主要研究人员", identifying=True, fewest=1, at_most=15, columns=[
            _column("name", "Name", "姓名"),
            _column("role", "Role", "分工"),
            _column("share", "Part of their time", "投入比例", "number", unit="%"),
        ]),
        _ask("earlier_work", "long_text", "Earlier work this stands on", "前期工作基础", False, words=300,
             identifying=True),
    ),
    _section(
        "conduct", "Conduct", "科研伦理与安全",
        _ask("ethics", "yes_no", "Does it need an ethics review?", "是否需要伦理审查？"),
        _ask("ethics_paper", "attachment", "Decision of the ethics board", "伦理审查意见",
             show_if=[{"question": "ethics", "any_of": ["true"]}]),
        _ask("materials", "choices", "Works with", "涉及", False, options=_options(
            ("radiation", "Radiation", "辐射"), ("pathogens", "Pathogens", "病原体"),
            ("explosives", "Explosives", "爆炸物"))),
        _ask("safety", "long_text", "How people are kept safe", "安全措施", words=200, show_if=[
            {"question": "materials", "any_of": ["radiation", "pathogens", "explosives"]}]),
    ),
    _DECLARATION,
]})  # fmt: skip

_PILOT = Form.model_validate({"sections": [
    _section(
        "result", "The result to be tried", "拟中试成果",
        _ask("what", "long_text", "What is to be tried", "中试内容", words=300),
        _ask("proved", "long_text", "What the laboratory has shown", "实验室结果", words=300),
        _ask("evidence", "attachment", "Test reports", "检测报告", at_most=3, accepts=["pdf", "spreadsheet"]),
        _ask("rights", "choice", "Who owns the rights", "知识产权归属", options=_options(
            ("lead", "The lead", "牵头单位"), ("joint", "Several together", "共有"),
            ("licensed", "Somebody else, under licence", "他人所有，已获许可"))),
        _ask("licence_until", "date", "Until when the licence runs", "许可期限",
             show_if=[{"question": "rights", "any_of": ["licensed"]}]),
    ),
    _section(
        "line", "The pilot line", "中试线",
        _ask("site", "short_text", "Where", "地点", identifying=True),
        _ask("output", "number", "Output a year", "年产量", unit="t", decimals=1, least="0"),
        _ask("investment", "money", "Own investment", "自筹资金", least="0"),
        _ask("customers", "table", "Customers who wait for it", "意向用户", False, columns=[
            _column("name", "Name", "名称"), _column("wants", "What they want", "需求")], identifying=True),
    ),
    _DECLARATION,
]})  # fmt: skip

SAMPLES: dict[str, Form] = {"research": _RESEARCH, "pilot": _PILOT}
