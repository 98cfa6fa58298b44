"""Makes the JPEG files of this folder with Pillow 13: a ramp of grey, plain and progressive, and colours for print."""

from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
ramp = Image.fromarray(50 + 4 * np.arange(32, dtype=np.uint8).reshape(4, 8))
ramp.save(HERE / "grey.jpg", quality=95, optimize=True)
ramp.save(HERE / "progressive.jpg", quality=95, progressive=True)
ramp.convert("CMYK").save(HERE / "cmyk.jpg", optimize=True)
