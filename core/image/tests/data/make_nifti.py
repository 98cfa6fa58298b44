"""Makes `nibabel.nii.gz` with nibabel 5.4.2: what a reader must find stands in the test that reads it."""

from pathlib import Path

import nibabel
import numpy as np

image = nibabel.Nifti1Image(np.arange(6, dtype="<i2").reshape(3, 2, order="F") - np.int16(2), np.diag([0.5, 0.5, 2, 1]))
image.header.set_xyzt_units("micron", "sec")
nibabel.save(image, Path(__file__).parent / "nibabel.nii.gz")
