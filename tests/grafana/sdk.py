"""Reads boards with Grafana Labs' own model and expects every field back.

In:  board files, or folders of them (classic JSON).
Out: one line per fault (`file: path: message`) and exit code 1, or `N boards, 0 faults`.

The model is grafana-foundation-sdk (PyPI): what it drops, Grafana's developers do not know; what it
changes, they read otherwise. Defaults that it adds are no fault, nor is the dropped `id: null`.
"""

import json
import pathlib
import sys

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard


def compare(was, now, path):
    """The lines that tell what of `was` is not in `now`."""
    if isinstance(was, dict) and isinstance(now, dict):
        for key, value in was.items():
            at = f"{path}.{key}" if path else key
            if key in now:
                yield from compare(value, now[key], at)
            elif not (at == "id" and value is None):
                yield f"{at}: dropped {json.dumps(value)[:100]}"
    elif isinstance(was, list) and isinstance(now, list):
        if len(was) != len(now):
            yield f"{path}: {len(was)} entries became {len(now)}"
        for at, (old, new) in enumerate(zip(was, now)):
            yield from compare(old, new, f"{path}[{at}]")
    elif type(was) is bool or type(now) is bool or was != now:
        if was is not now:
            yield f"{path}: {json.dumps(was)[:100]} became {json.dumps(now)[:100]}"


def faults(board):
    try:
        read = Dashboard.from_json(board)
        back = json.loads(JSONEncoder().encode(read))
    except Exception as error:  # whatever it trips over is a fault of the board
        return [f"cannot be read: {type(error).__name__}: {error}"]
    return list(compare(board, back, ""))


def main(arguments):
    files = []
    for argument in map(pathlib.Path, arguments):
        files += sorted(argument.glob("*.json")) if argument.is_dir() else [argument]
    if not files:
        sys.exit("no boards: name files, or folders that hold *.json")
    register_default_plugins()
    count = 0
    for file in files:
        for line in faults(json.loads(file.read_text("utf-8"))):
            count += 1
            print(f"{file}: {line}")
    print(f"{len(files)} board{'s' * (len(files) != 1)}, {count} fault{'s' * (count != 1)}")
    sys.exit(1 if count else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
