"""What categories of costs and bases of caps are called on screens."""

from services.project_management.costs.rules import Base, Category
from shared.web.i18n import Lazy, lazy

CATEGORIES: dict[Category, Lazy] = {
    Category.EQUIPMENT: lazy("Equipment"),
    Category.MATERIALS: lazy("Materials"),
    Category.TESTING: lazy("Testing"),
    Category.TRAVEL: lazy("Travel"),
    Category.INTERNATIONAL: lazy("International cooperation"),
    Category.EXTERNAL: lazy("External work"),
    Category.STAFF: lazy("Staff"),
    Category.LABOUR: lazy("Labour and expert fees"),
    Category.OTHER: lazy("Other direct costs"),
    Category.INDIRECT: lazy("Indirect costs"),
}
BASES: dict[Base, Lazy] = {
    Base.TOTAL: lazy("of all that is asked for"),
    Base.DIRECT: lazy("of the direct costs"),
    Base.DIRECT_LESS_EQUIPMENT: lazy("of the direct costs without equipment"),
}
