"""Makes the files of this folder, and prints what a right reader finds in them.

All pixels are crops of the images in `tests/data`. Written with tifffile 2026.3.3, Pillow 13 and NumPy;
`imagej.tif` is written by ImageJ itself (`make_imagej.java`). The hash of a file is the SHA-256 of
"T Z C Y X TYPE\n" and the samples, little-endian, in order t z c y x, taken from the arrays, not from the file.
"""

import hashlib
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

HERE = Path(__file__).parent
DATA = HERE.parents[3] / "tests" / "data"
cells = np.asarray(Image.open(DATA / "bbbc039/images/G22_s5.png")).astype(np.uint16)
labels = np.asarray(Image.open(DATA / "bbbc039/labels/G22_s5.png")).astype(np.uint16)
tissue = np.asarray(Image.open(sorted((DATA / "histology/images").glob("*.png"))[0]).convert("RGB"))

# Part of the field where six nuclei meet.
grey = cells[100:129, 600:637]
grey8 = (grey >> 4).astype(np.uint8)
ids = labels[100:129, 600:637]
rgb = tissue[40:69, 50:87]


def report(name, array, kind):
    """`array` has axes t z c y x."""
    t, z, c, y, x = array.shape
    samples = array.astype(f"<{kind[0]}{int(kind[1:]) // 8}")
    digest = hashlib.sha256(f"{t} {z} {c} {y} {x} {kind}\n".encode() + samples.tobytes())
    print(f'    ("{name}", "{t} {z} {c} {y} {x} {kind}", "{digest.hexdigest()}"),')


def tif(name, array, expected, kind, **options):
    tifffile.imwrite(HERE / name, array, **options)
    report(name, expected, kind)


def png(name, image, expected, kind, **options):
    image.save(HERE / name, **options)
    report(name, expected, kind)


def plane(array):
    return array[None, None, None]


def channels(array):
    return np.moveaxis(array, -1, 0)[None, None]


if __name__ == "__main__":
    tif("strips_lzw_big_endian.tif", grey, plane(grey), "u16",
        byteorder=">", compression="lzw", predictor=True, rowsperstrip=5)
    tif("tiles_deflate.tif", grey8, plane(grey8), "u8", tile=(16, 16), compression="zlib")
    tif("packbits.tif", ids, plane(ids), "u16", compression="packbits")
    tif("rgb_planar_tiles.tif", np.moveaxis(rgb, -1, 0), channels(rgb), "u8",
        photometric="rgb", planarconfig="separate", tile=(16, 16))
    tif("rgb_alpha.tif", np.dstack([rgb, grey8]), channels(rgb), "u8", photometric="rgb", extrasamples=["unassalpha"])
    tif("rgb16.tif", rgb.astype(np.uint16) * 257, channels(rgb.astype(np.uint16) * 257), "u16", photometric="rgb")
    five = np.dstack([grey, grey >> 1, ids, grey >> 2, grey >> 3])
    tif("five_samples.tif", five, channels(five), "u16", photometric="minisblack", planarconfig="contig")
    tif("grey_alpha.tif", np.dstack([grey, grey >> 1]), plane(grey), "u16",
        photometric="minisblack", planarconfig="contig", extrasamples=["unassalpha"])
    pages = np.stack([grey, grey >> 1, grey >> 2]).astype(np.float32) / 4096
    tif("bigtiff_pages.tif", pages, pages[None, :, None], "f32", bigtiff=True, photometric="minisblack")
    tif("predictor3_big_endian.tif", pages[0], plane(pages[0]), "f32",
        byteorder=">", predictor=3, compression="zlib", photometric="minisblack")
    tif("white_is_zero.tif", ids.astype(np.uint8), plane(ids), "u8", photometric="miniswhite")
    tif("white_is_zero_big_endian_bigtiff.tif", ids, plane(ids), "u16", photometric="miniswhite",
        byteorder=">", bigtiff=True)
    table = np.random.default_rng(0).integers(0, 65535, (3, 256), dtype=np.uint16)
    tif("palette.tif", ids.astype(np.uint8), plane(ids), "u8", photometric="palette", colormap=table, compression="lzw")
    signed = grey.astype(np.int16) - 300
    tif("int8.tif", (grey8.astype(np.int16) - 64).astype(np.int8), plane(grey8.astype(np.int16) - 64), "i8")
    tif("int16.tif", signed, plane(signed), "i16")
    tif("int32.tif", ids.astype(np.int32) + 100_000, plane(ids.astype(np.int32) + 100_000), "i32")
    tif("int64_negative.tif", signed.astype(np.int64), plane(signed), "i64")
    tif("uint64.tif", ids.astype(np.uint64) + 20_000_000, plane(ids.astype(np.uint64) + 20_000_000), "u64")
    tif("float16.tif", (grey / 4096).astype(np.float16), plane((grey / 4096).astype(np.float16)), "f32")
    tif("float64.tif", grey / 4095, plane(grey / 4095), "f64")
    with tifffile.TiffWriter(HERE / "smaller_copy.tif") as writer:
        writer.write(grey, photometric="minisblack")
        writer.write(grey[::2, ::2], photometric="minisblack", subfiletype=1)
    report("smaller_copy.tif", plane(grey), "u16")
    for name, options in [("pyramid.tif", {}), ("pyramid_big_endian_bigtiff.tif", {"byteorder": ">", "bigtiff": True})]:
        with tifffile.TiffWriter(HERE / name, **options) as writer:
            for page in [grey, grey >> 1]:
                writer.write(page, photometric="minisblack", subifds=2, tile=(16, 16), compression="zlib")
                writer.write(page[::2, ::2], photometric="minisblack", subfiletype=1, tile=(16, 16), compression="lzw")
                writer.write(page[::4, ::4], photometric="minisblack", subfiletype=1)
        report(name, np.stack([grey, grey >> 1])[None, :, None], "u16")

    stack = np.stack([grey + 100 * i for i in range(12)]).reshape(2, 3, 2, *grey.shape)
    about = {
        "axes": "TZCYX", "unit": "um", "spacing": 1.5, "finterval": 30.0,
        "Labels": [f"t{t} z{z} c{c} µ" for t in range(2) for z in range(3) for c in range(2)],
    }
    tif("imagej_tifffile.tif", stack, stack, "u16", imagej=True, resolution=(1 / 0.325, 1 / 0.25), metadata=about)
    tif("imagej_one_entry.tif", stack, stack, "u16", imagej=True, truncate=True, resolution=(1 / 0.325, 1 / 0.25),
        metadata={k: v for k, v in about.items() if k != "Labels"})
    tif("ome_tifffile.tif", stack, stack, "u16", metadata={"axes": "TZCYX"}, ome=True)
    frames = np.stack([rgb, rgb // 2])
    tif("imagej_rgb_one_entry.tif", frames, np.moveaxis(frames, -1, 1)[:, None], "u8", imagej=True, truncate=True,
        metadata={"axes": "TYXS"})

    # What must be refused.
    tifffile.imwrite(HERE / "refused_one_bit.tif", ids > 0)
    tifffile.imwrite(HERE / "refused_cmyk.tif", np.dstack([rgb, grey8]), photometric="separated")
    with tifffile.TiffWriter(HERE / "refused_sizes_differ.tif") as writer:
        writer.write(grey, photometric="minisblack")
        writer.write(grey[:10], photometric="minisblack")

    png("grey8.png", Image.fromarray(grey8), plane(grey8), "u8")
    png("grey16.png", Image.fromarray(grey), plane(grey), "u16")
    png("rgb.png", Image.fromarray(rgb), channels(rgb), "u8")
    png("rgb_alpha.png", Image.fromarray(np.dstack([rgb, grey8])), channels(rgb), "u8")
    png("grey_alpha.png", Image.fromarray(np.dstack([grey8, grey8 // 2]), "LA"), plane(grey8), "u8")
    colours = Image.fromarray((ids % 4).astype(np.uint8), "P")
    colours.putpalette([0, 0, 0, 255, 0, 0, 0, 128, 0, 9, 8, 7])
    png("palette.png", colours, channels(np.asarray(colours.convert("RGB"))), "u8")
    png("palette_transparent.png", colours, channels(np.asarray(colours.convert("RGB"))), "u8", transparency=1)
    png("one_bit.png", Image.fromarray(ids > 0), plane((ids > 0).astype(np.uint8)), "u8")
