import csv
import json

from report_samples import FORMULA

from twinimpact.report.tidy import write_results_csv, write_results_json
from twinimpact.schema import RESULT_COLUMNS, TEXT_RESULT_COLUMNS, result_frame

BLANK = {**dict.fromkeys(TEXT_RESULT_COLUMNS, ""), "confirmatory": False}
ROWS = [
    {**BLANK, "outcome": "tw_thermo", "estimate": -0.4, "n": 42, "note": FORMULA, "status": "ok"},
    {**BLANK, "outcome": "@x", "estimand": "mean", "status": "suppressed", "town": "-1+1"},
]


def test_csv_has_a_mark_guards_text_and_leaves_numbers_alone(tmp_path):
    path = tmp_path / "r.csv"
    write_results_csv(result_frame(ROWS), path)
    raw = path.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    first, second = csv.DictReader(raw.decode("utf-8-sig").splitlines())
    assert list(first) == list(RESULT_COLUMNS)
    assert first["estimate"] == "-0.4"
    assert first["note"] == f"'{FORMULA}"
    assert first["confirmatory"] == "false"
    assert second["outcome"] == "'@x"
    assert second["town"] == "'-1+1"
    assert second["estimate"] == ""


def test_json_explains_its_columns_and_leaves_absent_values_out(tmp_path):
    path = tmp_path / "r.json"
    write_results_json(result_frame(ROWS), path)
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["columns"]["estimate"].startswith("the number")
    assert content["rows"][0]["estimate"] == -0.4
    assert "estimate" not in content["rows"][1]
