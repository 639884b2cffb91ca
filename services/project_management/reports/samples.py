"""The form of a progress report that comes along. Questions with the keys of `known` are filled in from what the
platform knows."""

from services.project_management.costs.rules import Category
from services.project_management.forms.questions import Form

PARTS = ["part"]
_CATEGORIES = {
    Category.STAFF: "劳务费",
    Category.EQUIPMENT: "设备费",
    Category.MATERIALS: "材料费",
    Category.TESTING: "测试化验费",
    Category.TRAVEL: "差旅费",
    Category.EXTERNAL: "外协费",
    Category.INDIRECT: "间接费用",
}
_CHOICES = " | ".join(f"{one.value} = {word}" for one, word in _CATEGORIES.items())


def _column(key: str, label: str, label_zh: str, kind: str = "short_text", **more: object) -> dict[str, object]:
    return {"key": key, "label": label, "label_zh": label_zh, "kind": kind, **more}


def _said(label: str, label_zh: str) -> dict[str, object]:
    return _column("said", label, label_zh, optional=True)


FORM = Form.model_validate({"sections": [
    {"key": "progress", "title": "Progress", "title_zh": "工作进展", "questions": [
        {"key": "summary", "kind": "long_text", "label": "What was done in the period", "label_zh": "本期完成的工作",
         "required": True, "words": 1500},
        {"key": "milestones", "kind": "table", "label": "Progress against the milestones", "label_zh": "里程碑进展",
         "at_most": 40, "columns": [
            _column("number", "Number", "编号", "number"), _column("title", "Milestone", "里程碑"),
            _column("due", "Due", "应完成日期", "date"),
            _column("state", "State", "状态", "choice",
                    choices="open = 未达到 | shown = 待评审 | returned = 已退回 | accepted = 已通过"),
            _said("Where it stands", "进展说明"),
         ]},
    ]},
    {"key": "results", "title": "Results and outputs", "title_zh": "成果与产出", "questions": [
        {"key": "outputs", "kind": "table", "label": "Outputs of the period", "label_zh": "本期产出", "columns": [
            _column("title", "Title", "名称"),
            _column("kind", "Kind", "类型", "choice",
                    choices="achievement = 科技成果 | asset = 知识产权 | other = 其他"),
            _column("reference", "Where it can be found", "查阅处", optional=True),
         ]},
        {"key": "results", "kind": "long_text", "label": "What the results mean", "label_zh": "成果意义", "words": 800},
    ]},
    {"key": "money", "title": "Money", "title_zh": "经费", "questions": [
        {"key": "money", "kind": "table", "label": "Spent against the budget lines", "label_zh": "预算科目执行情况",
         "at_most": 100, "columns": [
            _column("category", "Category", "科目", "choice", choices=_CHOICES),
            _column("year", "Year", "年度", "number"), _column("budget", "Budget", "预算", "number"),
            _column("claimed", "Claimed", "已申报", "number"), _column("approved", "Approved", "已核准", "number"),
            _said("Why it differs", "差异说明"),
         ]},
        {"key": "spending", "kind": "long_text", "label": "What differs from the plan", "label_zh": "与计划的差异",
         "words": 500},
    ]},
    {"key": "people", "title": "People", "title_zh": "人员", "questions": [
        {"key": "people", "kind": "table", "label": "Who worked in the project", "label_zh": "参与人员", "at_most": 100,
         "columns": [
            _column("name", "Name", "姓名"), _column("part", "Part in the project", "分工"),
            _column("months", "Person-months", "人月", "number", optional=True),
         ]},
    ]},
    {"key": "deviations", "title": "Deviations and risks", "title_zh": "偏差与风险", "questions": [
        {"key": "deviations", "kind": "long_text", "label": "Deviations from the task book",
         "label_zh": "与任务书的偏差"},
        {"key": "risks", "kind": "table", "label": "Risks", "label_zh": "风险", "at_most": 100, "columns": [
            _column("title", "Risk", "风险"),
            _column("level", "Level", "等级", "choice",
                    choices="low = 低 | moderate = 中 | high = 高 | extreme = 极高"),
            _column("response", "Response", "应对", "choice",
                    choices="avoid = 规避 | reduce = 降低 | transfer = 转移 | accept = 接受"),
            _column("owner", "Looked after by", "责任人"),
            _column("state", "State", "状态", "choice",
                    choices="open = 处置中 | watched = 观察中 | occurred = 已发生 | closed = 已关闭"),
         ]},
    ]},
    {"key": "plan", "title": "Next period", "title_zh": "下期计划", "questions": [
        {"key": "plan", "kind": "table", "label": "What is due next", "label_zh": "下一步应完成事项", "at_most": 40,
         "columns": [
            _column("title", "Milestone", "里程碑"), _column("due", "Due", "应完成日期", "date"),
            _said("What will be done", "工作安排"),
         ]},
        {"key": "next_steps", "kind": "long_text", "label": "Plan of the next period", "label_zh": "下期工作计划",
         "required": True, "words": 800},
    ]},
    {"key": "part", "title": "Part of the organisation", "title_zh": "各单位工作", "questions": [
        {"key": "part_done", "kind": "long_text", "label": "What the organisation did", "label_zh": "本单位完成的工作",
         "required": True, "words": 800},
        {"key": "part_needs", "kind": "long_text", "label": "What it needs from the others",
         "label_zh": "需其他单位配合事项",
         "words": 300},
    ]},
    {"key": "files", "title": "Files", "title_zh": "附件", "questions": [
        {"key": "files", "kind": "attachment", "label": "Files", "label_zh": "附件", "at_most": 5,
         "accepts": ["pdf", "document", "spreadsheet", "image"]},
    ]},
]})  # fmt: skip
