"""What the oracles share: where things lie, how a check is told, how the program is asked.

`cargo xtask test --only demo --only oracles` runs them; FEWLABEL is the program, FEWLABEL_DEMO the folder of the demo.
"""

import json
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data" / "fluorescence"
DEMO = Path(os.environ["FEWLABEL_DEMO"])
MODEL = DEMO / "model.zip"
NAMES = json.loads((DATA / "split.json").read_text())["val"]


def check(name, ok, found):
    """Tells what a check found; the runner counts these lines."""
    print(json.dumps({"check": name, "ok": bool(ok), "found": str(found)}), flush=True)


def fewlabel(*arguments):
    """Runs the program and returns the result that it prints as JSON."""
    command = [os.environ["FEWLABEL"], *map(str, arguments), "--json", "--quiet"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)["result"]


def image_path(name):
    """A real image of the part that the demo segments."""
    return DATA / "images" / f"{name}.png"


def true_labels_path(name):
    """Its annotation."""
    return DATA / "labels" / f"{name}.png"


def predicted_labels_path(name):
    """What the demo made of it."""
    return DEMO / "labels" / f"{name}.labels.tif"
