"""Proves that reports are what their readers take: JSON before its schemas (SARIF before the
one of the standard, ours before schemas/report.v1.json, rdjson before reviewdog's own where it
is there), JUnit before Python's XML parser and junitparser.

    validate.py SARIF_SCHEMA REVIEWDOG_SCHEMA|- REPORT...

A report is NAME.FORMAT. Prints a line for each fault, then how many there are of each.
"""

import json
import pathlib
import sys
import xml.etree.ElementTree as ElementTree

import jsonschema
import junitparser

HERE = pathlib.Path(__file__).parent


def schema(path):
    """A validator of the draft that the schema names."""
    document = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    judge = jsonschema.validators.validator_for(document)
    judge.check_schema(document)
    return judge(document, format_checker=judge.FORMAT_CHECKER)


def json_faults(text, judges):
    try:
        report = json.loads(text)
    except ValueError as fault:
        return [f"no JSON: {fault}"]
    return [f"{f.json_path}: {f.message[:200]}" for judge in judges for f in judge.iter_errors(report)]


def gitlab_faults(text, judges):
    faults = json_faults(text, judges)
    if not faults:
        prints = [issue["fingerprint"] for issue in json.loads(text)]
        if len(set(prints)) != len(prints):
            faults.append("two issues have one fingerprint: GitLab shows the first alone")
    return faults


def junit_faults(path):
    try:
        root = ElementTree.parse(path).getroot()
        suites = junitparser.JUnitXml.fromfile(str(path))
    except Exception as fault:  # each library has its own
        return [f"not read: {fault}"]
    faults = []
    cases = [case for suite in suites for case in suite]
    failed = [c for c in cases if any(isinstance(r, junitparser.Failure) for r in c.result)]
    skipped = [c for c in cases if any(isinstance(r, junitparser.Skipped) for r in c.result)]
    for what, said, found in [
        ("tests", root.get("tests"), cases),
        ("failures", root.get("failures"), failed),
        ("skipped", root.get("skipped"), skipped),
    ]:
        if said != str(len(found)):
            faults.append(f"says {said} {what}, holds {len(found)}")
    names = [(case.classname, case.name) for case in cases]
    if len(set(names)) != len(names):
        faults.append("two cases have one name: readers show the last alone")
    if not cases:
        faults.append("no case at all")
    return faults


def main():
    sarif, reviewdog, *reports = sys.argv[1:]
    rdjson = [schema(HERE / "rdjson.schema.json")]
    if reviewdog != "-":
        rdjson.append(schema(reviewdog))
    judges = {
        ".json": [schema(HERE.parent.parent / "schemas" / "report.v1.json")],
        ".sarif": [schema(sarif)],
        ".gitlab": [schema(HERE / "gitlab.schema.json")],
        ".rdjson": rdjson,
    }
    faults = 0
    for report in map(pathlib.Path, reports):
        text = report.read_text(encoding="utf-8")
        if report.suffix == ".junit":
            found = junit_faults(report)
        elif report.suffix == ".gitlab":
            found = gitlab_faults(text, judges[".gitlab"])
        elif report.suffix in judges:
            found = json_faults(text, judges[report.suffix])
        else:
            # Plain text: one line for each finding, without control characters.
            hidden = [c for c in text if c != "\n" and not c.isprintable()]
            found = [f"control characters: {hidden!r}"] if hidden and report.suffix != ".human" else []
        for fault in found:
            print(f"{report.name}: {fault}")
        faults += len(found)
    return faults


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
