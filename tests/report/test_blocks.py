import json

import numpy as np
import pytest
from report_samples import document

from twinimpact.errors import RunError
from twinimpact.report.blocks import document_from_dict, value_out
from twinimpact.report.content import Table


def test_a_document_survives_the_way_through_json():
    made = document()
    content = json.loads(json.dumps(made.to_dict()))
    again = document_from_dict(content)
    assert again.to_dict() == made.to_dict()
    assert json.loads(json.dumps(again.to_dict())) == content
    assert [type(block) for block in again.blocks] == [type(block) for block in made.blocks]


def test_a_newer_schema_is_refused():
    content = {**document().to_dict(), "schema": 99}
    with pytest.raises(RunError, match="schema 99"):
        document_from_dict(content)


def test_cells_become_plain_values():
    assert value_out(np.int64(3)) == 3
    assert value_out(float("nan")) is None
    assert value_out(np.float64("inf")) is None
    assert value_out(True) is True


def test_a_table_only_keeps_its_declared_columns():
    table = next(block for block in document().blocks if isinstance(block, Table))
    assert all(set(row) == {c.key for c in table.columns} for row in table.rows)
