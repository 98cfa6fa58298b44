"""The zoo's own tools take a package for one of theirs, and its maps are ours."""

import io
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import tifffile
from bioimageio.core import create_prediction_pipeline, test_description
from bioimageio.core.digest_spec import create_sample_for_model
from bioimageio.spec import load_description
from ruyaml import YAML
from skimage.io import imread

from told import MODEL, NAMES, check, fewlabel, image_path


def zoo_maps(model, image, halo):
    """The zoo's normalisation and network. The image is continued by reflection, as ours is: the zoo's own default is
    another one, and comes before its normalisation, so that the continuation counts in the percentiles."""
    entry = model.inputs[0].id
    pipeline = create_prediction_pipeline(model)
    sample = create_sample_for_model(model, inputs={entry: image})
    pipeline.apply_preprocessing(sample)
    normalised = np.asarray(sample.members[entry].data.data)
    continued = np.pad(normalised, ((0, 0), (0, 0), (halo, halo), (halo, halo)), mode="reflect")
    sample = create_sample_for_model(model, inputs={entry: continued})
    with pipeline:
        out = pipeline.predict_sample_without_blocking(sample, skip_preprocessing=True, skip_input_padding=True)
    return np.asarray(next(iter(out.members.values())).data.data)[0]


def bioimageio(command, model, image, folder, *options):
    """Has the zoo's program do `command` to an image, and returns what it writes, without the batch axis."""
    out = folder / command
    written = [f"--inputs={json.dumps([str(image)])}", f"--outputs={out / '{sample_id}.npy'}"]
    program = [sys.executable, "-m", "bioimageio.core", command, str(model), *written, *options]
    subprocess.run(program, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (file,) = out.iterdir()
    return np.load(file)[0]


def with_fixed_normalisation(image, folder):
    """The package with the percentiles of this image written down.

    Of a whole image the zoo takes them after it has continued the image, of blocks before: without this the
    difference of the two would be that of the percentiles, and hide any other."""
    yaml = YAML(typ="safe")
    changed = folder / "fixed.zip"
    with zipfile.ZipFile(MODEL) as source, zipfile.ZipFile(changed, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "bioimageio.yaml":
                description = yaml.load(content)
                steps = description["inputs"][0]["preprocessing"]
                (scaled,) = [step for step in steps if step["id"] == "scale_range"]
                low, high = np.percentile(image, [scaled["kwargs"]["min_percentile"], scaled["kwargs"]["max_percentile"]])
                gain = float(1 / (high - low))
                scaled.update(id="scale_linear", kwargs={"gain": gain, "offset": float(-low * gain)})
                content = io.BytesIO()
                yaml.dump(description, content)
                content = content.getvalue()
            target.writestr(name, content)
    return changed


if __name__ == "__main__":
    summary = test_description(MODEL)
    problems = [error.msg for detail in summary.details for error in detail.errors]
    check("bioimageio test", summary.status == "passed", problems or summary.status)

    model = load_description(MODEL, perform_io_checks=False)
    ours_only = model.config.model_extra["fewlabel"]
    name = next(name for name in NAMES if imread(image_path(name)).shape == (256, 256))
    image, halo = imread(image_path(name)), ours_only["halo"]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        # At the size that the network was trained at nothing is resampled: the zoo's format cannot say it.
        size = ours_only["object_diameter"]
        fewlabel("segment", "--model", MODEL, image_path(name), "--output", folder, "--probabilities", "--object-diameter", size)
        ours = tifffile.imread(folder / f"{name}.prob.tif")
        by_program = bioimageio("predict", MODEL, image_path(name), folder, "--blockwise=4")
        fixed = with_fixed_normalisation(image, folder)
        artifacts = bioimageio("predict-block-artifacts", fixed, image_path(name), folder, "--blockwise=1")
    theirs = zoo_maps(model, image.astype(np.float32)[None, None], halo)
    off = float(np.abs(ours.reshape(theirs.shape) - theirs).max())
    check("the zoo's normalisation and network give our maps to 1e-4", off <= 1e-4, off)

    # The program continues images by repeating the pixels at the edge in reverse, we do not repeat the outermost.
    inside = (slice(None), slice(halo, -halo), slice(halo, -halo))
    off = float(np.abs(ours.reshape(theirs.shape) - by_program)[inside].max())
    check("bioimageio predict gives our maps to 1e-3 where the edge is not seen", off <= 1e-3, (off, halo))
    off = float(np.abs(artifacts).max())
    check("bioimageio predict-block-artifacts shows none", artifacts.shape == theirs.shape and off <= 1e-4, off)
