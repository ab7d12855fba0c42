"""The examples in the public doors run and say what they print."""

from __future__ import annotations

import doctest
import importlib
import inspect

import pytest

import twinimpact.impact
import twinimpact.measures

DOORS = {
    twinimpact.measures: (
        "careless", "comparability", "dif", "domain_means", "indicators", "items", "rake",
        "reliability", "score",
    ),
    twinimpact.impact: (
        "adjust", "attrition", "balance", "bayes_pool", "cluster_inference", "compare",
        "cost_effectiveness", "dose_response", "equivalence", "kept_share", "max_t_change",
        "meta_regression", "mixed",
        "ordinal_item", "paired_change", "pool", "power", "randomisation_test", "responders",
        "retrospective", "rosenbaum_bounds", "sensitivity", "share_change", "shrink",
        "simulated_power", "wave_trend", "weights",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("door", "name"),
    [(door, name) for door, names in DOORS.items() for name in names],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_every_public_door_has_an_example_that_runs(door: object, name: str) -> None:
    function = getattr(door, name)
    assert callable(function)
    module = importlib.import_module(function.__module__)
    finder = doctest.DocTestFinder(recurse=False)
    (example,) = finder.find(function, name, module=module)
    assert example.examples, f"{name} has no example"
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(example)
    assert result.failed == 0


def test_the_doors_take_no_unnamed_bundle_of_arguments() -> None:
    for door, names in DOORS.items():
        for name in names:
            kinds = {p.kind for p in inspect.signature(getattr(door, name)).parameters.values()}
            assert inspect.Parameter.VAR_KEYWORD not in kinds
