"""Makes the corpus of files that the tests of formats read: `make.py FOLDER`.

All is made by programs that are not ours. It holds the same each time; only where gzip packs, files keep when they were made.
"""

import sys
from pathlib import Path

import geojson_files
import imagej_tiffs
import label_images
import niftis
import ome_tiffs
import ome_zarrs
import outline_files
import pictures
import real
import tiffs
from corpus import Corpus

if __name__ == "__main__":
    corpus = Corpus(Path(sys.argv[1]))
    makers = (tiffs, imagej_tiffs, ome_tiffs, ome_zarrs, pictures, niftis, label_images, outline_files, geojson_files, real)
    for maker in makers:
        before = len(corpus.lines)
        maker.make(corpus)
        print(f"{maker.__name__}: {len(corpus.lines) - before} files")
    corpus.write()
