"""Every request schema carries an example that it accepts itself: documentation that cannot be wrong."""

import pytest
from pydantic import BaseModel

from tests.access.census import examples, routes

MODELS = sorted(
    {route.model for route in routes() if route.model}, key=lambda model: (model.__module__, model.__name__)
)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model.__module__}.{model.__name__}")
def test_the_example_is_valid(model: type[BaseModel]) -> None:
    for one in examples(model):
        model.model_validate(one)
