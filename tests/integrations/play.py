#!/usr/bin/env python3
"""Plays the parts of CI that are not on this machine, for run.sh.

  play.py action ACTION.yml [INPUT=VALUE]...        runs a composite action, as a GitHub runner does
  play.py gitlab TEMPLATE.yml JOB [INPUT=VALUE]...  runs a job of a template, as a GitLab runner does
  play.py split TEMPLATE.yml FOLDER                 writes header and pipeline of a template to a file each
  play.py block PAGE.md TEXT [OLD=NEW]...           prints the page's one YAML block that holds TEXT, with replacements

The exit code of a job or an action is that of its first step that fails.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import yaml


def main(what, path, *rest):
    parts = {"action": action, "gitlab": gitlab, "split": split, "block": block}
    return parts[what](Path(path), *rest)


def pairs(texts):
    return dict(text.split("=", 1) for text in texts)


def inputs_of(declared, given):
    """The values of all inputs; a runner refuses unknown ones, and lacking ones without a default."""
    given = pairs(given)
    unknown = given.keys() - declared.keys()
    assert not unknown, f"no such input: {unknown}"
    values = {}
    for name, about in declared.items():
        about = about or {}
        assert name in given or "default" in about, f"the input {name} is required"
        values[name] = str(given.get(name, about.get("default")))
        options = about.get("options")
        assert not options or values[name] in options, f"{name}: {values[name]} is none of {options}"
    return values


def action(path, *given):
    text = yaml.safe_load(path.read_text())
    values = inputs_of(text["inputs"], given)
    for step in text["runs"]["steps"]:
        assert "${{" not in step["run"], "an expression in a script is read as code"
        assert step["shell"] == "bash"

        def fill(value):
            filled = re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda m: values[m[1]].replace("${{", ""), value)
            assert "${{" not in filled, f"unknown expression in {value}"
            return filled

        env = {name: fill(value) for name, value in step.get("env", {}).items()}
        env["GITHUB_ACTION_PATH"] = str(path.resolve().parent)
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        code = subprocess.run(command, env={**os.environ, **env}).returncode
        if code != 0:
            return code
    return 0


def gitlab(path, job, *given):
    header, pipeline = yaml.safe_load_all(path.read_text())
    values = inputs_of(header["spec"]["inputs"], given)

    def fill(node):
        if isinstance(node, dict):
            return {fill(key): fill(value) for key, value in node.items()}
        if isinstance(node, list):
            return [fill(value) for value in node]
        if isinstance(node, str):
            return re.sub(r"\$\[\[ inputs\.([a-z-]+) \]\]", lambda m: values[m[1]], node)
        return node

    pipeline = fill(pipeline)
    assert "$[[" not in str(pipeline), "an input that is not declared"
    job = pipeline[job]
    job = {**pipeline[job["extends"]], **job}
    script = "\n".join(["set -eo pipefail", *job["before_script"], *job["script"]])
    return subprocess.run(["bash", "-c", script], env={**os.environ, **job["variables"]}).returncode


def split(path, folder):
    for name, document in zip(["header", "pipeline"], yaml.safe_load_all(path.read_text()), strict=True):
        Path(folder, f"{name}.yml").write_text(yaml.safe_dump(document))


def block(path, text, *replacements):
    blocks = re.findall(r"^```yaml\n(.*?)^```", path.read_text(), re.DOTALL | re.MULTILINE)
    (found,) = [block for block in blocks if text in block]
    for old, new in pairs(replacements).items():
        assert old in found, f"no {old} in the block with {text}"
        found = found.replace(old, new)
    print(found, end="")


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
