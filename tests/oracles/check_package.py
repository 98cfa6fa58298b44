"""The zoo's own tools take a package for one of theirs, and its maps are ours."""

import tempfile
from pathlib import Path

import numpy as np
import tifffile
from bioimageio.core import create_prediction_pipeline, test_description
from bioimageio.core.digest_spec import create_sample_for_model
from bioimageio.spec import load_description
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


if __name__ == "__main__":
    summary = test_description(MODEL)
    problems = [error.msg for detail in summary.details for error in detail.errors]
    check("bioimageio test", summary.status == "passed", problems or summary.status)

    model = load_description(MODEL, perform_io_checks=False)
    ours_only = model.config.model_extra["fewlabel"]
    name = next(name for name in NAMES if imread(image_path(name)).shape == (256, 256))
    theirs = zoo_maps(model, imread(image_path(name)).astype(np.float32)[None, None], ours_only["halo"])
    with tempfile.TemporaryDirectory() as folder:
        # At the size that the network was trained at nothing is resampled: the zoo's format cannot say it.
        size = ours_only["object_diameter"]
        fewlabel("segment", "--model", MODEL, image_path(name), "--output", folder, "--probabilities", "--object-diameter", size)
        ours = tifffile.imread(Path(folder) / f"{name}.prob.tif")
    off = float(np.abs(ours.reshape(theirs.shape) - theirs).max())
    check("the zoo's normalisation and network give our maps to 1e-4", off <= 1e-4, off)
