"""Write deploy/prometheus/slo.yml from deploy/slo/tthc.yml: the rules that Sloth makes of such a file.

Each level is recorded over eight windows. An alert looks at a long window and at a short one, so that it comes soon
and goes soon: critical when the budget of 30 days would be gone within two or five days, a warning when within ten
or thirty (Google, The Site Reliability Workbook, chapter 5).
"""

from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
RULES = HERE.parent / "prometheus" / "slo.yml"
RUNBOOK = "https://tthc.example.gov.vn/docs/runbook.md#alert-"
AFTER = "It goes on for a while after a repair (runbook)."
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
PAIRS = {
    "critical": ((14.4, "5m", "1h"), (6, "30m", "6h")),
    "warning": ((3, "2h", "1d"), (1, "6h", "3d")),
}
"""How many times faster than allowed the budget burns, in a short and in a long window."""


def recorded(slo: dict[str, Any], labels: dict[str, str]) -> list[dict[str, Any]]:
    """Return the share of bad events over each window, and what is left of the budget."""
    events = slo["sli"]["events"]
    rules = []
    for window in WINDOWS:
        error, total = (events[name].replace("{{.window}}", window) for name in ("error_query", "total_query"))
        expr = f"({error}) / ({total})"
        rules.append({"record": f"slo:sli_error:ratio_rate{window}", "expr": expr, "labels": dict(labels)})
    ratio = f'slo:sli_error:ratio_rate5m{{sloth_id="{labels["sloth_id"]}"}}'
    month = f"sum_over_time({ratio}[30d]) / count_over_time({ratio}[30d])"
    left = f"1 - ({month}) / {budget(slo)}"
    return [*rules, {"record": "slo:period_error_budget_remaining:ratio", "expr": left, "labels": dict(labels)}]


def budget(slo: dict[str, Any]) -> float:
    """Return the share of events that may be bad."""
    return round(1 - slo["objective"] / 100, 6)


def alerts(slo: dict[str, Any], labels: dict[str, str]) -> list[dict[str, Any]]:
    """Return a critical alert and a warning."""
    found, told, name = [], slo["alerting"]["annotations"], slo["alerting"]["name"]
    for severity, pairs in PAIRS.items():
        parts = []
        for factor, short, long in pairs:
            over = [f'slo:sli_error:ratio_rate{window}{{sloth_id="{labels["sloth_id"]}"}}' for window in (short, long)]
            parts.append("(" + " and ".join(f"{one} > {factor} * {budget(slo)}" for one in over) + ")")
        share = "{{ $value | humanizePercentage }}"
        annotations = {
            "summary": f"{told['vi']}: ngân sách lỗi 30 ngày đang hết nhanh",
            "description": f"{told['en']}: {share} of them, and {slo['objective']} % must be good. {AFTER}",
            "runbook_url": RUNBOOK + name.lower(),
        }
        rule = {"alert": name, "expr": " or ".join(parts), "labels": {"severity": severity, **labels}}
        found.append(rule | {"annotations": annotations})
    return found


def generated() -> str:
    """Return the file of rules."""
    levels = yaml.safe_load((HERE / "tthc.yml").read_text(encoding="utf-8"))
    groups = []
    for slo in levels["slos"]:
        service, name = levels["service"], slo["name"]
        labels = {"sloth_id": f"{service}-{name}", "sloth_service": service, "sloth_slo": name}
        groups.append({"name": f"tthc-slo-{name}", "rules": [*recorded(slo, labels), *alerts(slo, labels)]})
    text = yaml.safe_dump({"groups": groups}, sort_keys=False, allow_unicode=True, width=10_000)
    return f"# Made by deploy/slo/generate.py from deploy/slo/tthc.yml; do not change it by hand.\n{text}"


if __name__ == "__main__":
    RULES.write_text(generated(), encoding="utf-8")
