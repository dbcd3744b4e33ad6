#!/usr/bin/env python3
"""A fairness gate for Penstock, in the standard library alone.

Compares how often a model says yes to each group of a column. The predictions are a CSV file among the candidate's
files, with a header. The gate passes when the lowest rate is at least `minimum_ratio` of the highest one (the "four
fifths rule" of the US Uniform Guidelines, 29 CFR 1607.4 D, is 0.8).

Config (the gate's `input`):
    predictions    path of the CSV file inside the artifact (default "predictions.csv")
    group          name of the column that tells the groups apart (required)
    prediction     name of the column that holds 0 or 1 (default "prediction")
    minimum_ratio  0 to 1 (default 0.8)
    minimum_rows   a group with fewer rows is not judged: the finding is inconclusive (default 30)

The protocol is told in plugins/sdk/PROTOCOL.md: JSON on stdin, JSON on stdout, exit status 0 when there is an answer.
"""

import csv
import json
import pathlib
import sys

PROTOCOL = "penstock.gate/v1"


def describe():
    return {
        "protocol": PROTOCOL,
        "name": "fairness",
        "description": "The lowest acceptance rate of any group is at least a given share of the highest one.",
    }


def count(path, group, prediction):
    """Returns {group: [rows, accepted]}; raises ValueError or csv.Error for what is not understood."""
    groups = {}
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        columns = rows.fieldnames or []
        for column in (group, prediction):
            if columns.count(column) != 1:
                raise ValueError(f"{path.name} has {columns.count(column)} columns `{column}`; its columns: {', '.join(columns)}")
        for number, row in enumerate(rows, start=1):
            # DictReader keeps cells beyond the header under None, and fills those that are missing with None.
            if None in row or None in row.values():
                raise ValueError(f"row {number} of {path.name} has another number of cells than the header")
            if row[prediction] not in ("0", "1"):
                raise ValueError(f"row {number} of {path.name}: `{prediction}` is {row[prediction]!r}, neither 0 nor 1")
            entry = groups.setdefault(row[group], [0, 0])
            entry[0] += 1
            entry[1] += row[prediction] == "1"
    return groups


def judge(groups, minimum_ratio, minimum_rows, source):
    small = sorted(name for name, (rows, _) in groups.items() if rows < minimum_rows)
    if len(groups) < 2 or small:
        what = f"groups with fewer than {minimum_rows} rows: {', '.join(small)}" if small else f"{len(groups)} group"
        return {"verdict": "inconclusive", "observed": what, "needed": f"at least two groups of {minimum_rows} rows",
                "source": source, "next": "bring more predictions, or let a person judge"}
    rates = {name: accepted / rows for name, (rows, accepted) in groups.items()}
    highest = max(rates.values())
    details = []
    for name, rate in sorted(rates.items()):
        ratio = rate / highest if highest > 0 else 1.0
        details.append({"rule": f"group/{name}", "verdict": "passed" if ratio >= minimum_ratio else "failed",
                        "observed": f"accepted {rate:.3f}, {ratio:.2f} of the highest rate",
                        "needed": f"at least {minimum_ratio:.2f}", "where": f"{groups[name][0]} rows"})
    failed = [detail["rule"] for detail in details if detail["verdict"] == "failed"]
    return {"verdict": "failed" if failed else "passed",
            "observed": f"{len(failed)} of {len(details)} groups fall behind" if failed else f"{len(details)} groups are treated alike",
            "needed": f"every group's rate at least {minimum_ratio:.2f} of the highest one", "source": source,
            "next": "look at the training data of the groups that fall behind" if failed else "", "details": details,
            "evidence": [{"name": "rates.json", "media_type": "application/json",
                          "content": json.dumps({name: {"rows": r, "accepted": a} for name, (r, a) in groups.items()})}]}


def main():
    if sys.argv[1:] == ["--describe"]:
        json.dump(describe(), sys.stdout)
        return 0
    question = json.load(sys.stdin)
    if question["protocol"] != PROTOCOL:
        print(f"unknown protocol {question['protocol']}", file=sys.stderr)
        return 1
    if question["artifact_path"] is None:
        print("the candidate has no artifact, so there are no predictions to look at", file=sys.stderr)
        return 1
    config = question["config"]
    if "group" not in config:
        print("the gate's `input` names no `group`: the column that tells the groups apart", file=sys.stderr)
        return 1
    name = config.get("predictions", "predictions.csv")
    root = pathlib.Path(question["artifact_path"]).resolve()
    path = (root / name).resolve()
    if root not in path.parents:
        print(f"`predictions` leaves the artifact: {name}", file=sys.stderr)
        return 1
    if not path.is_file():
        answer = {"verdict": "failed", "observed": f"the artifact has no {name}", "needed": "predictions of a held-out set",
                  "source": "the candidate's files", "next": f"add {name} to the artifact"}
    else:
        try:
            groups = count(path, config["group"], config.get("prediction", "prediction"))
        except (ValueError, csv.Error) as error:
            answer = {"verdict": "inconclusive", "observed": str(error), "needed": "predictions that can be read", "source": name,
                      "next": "mend the file"}
        else:
            answer = judge(groups, config.get("minimum_ratio", 0.8), config.get("minimum_rows", 30), name)
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
