"""Makes the files of this folder, and prints what a right reader finds in them.

All pixels are crops of the images in `tests/data`. Written with tifffile 2026.3.3, imagecodecs 2026.3.6, roifile 2026.2.10,
Pillow 13 and NumPy; `imagej.tif` and `imagej_overlay.tif` are written by ImageJ itself (`make_imagej.java`,
`make_overlay.java`). The hash of a file is the SHA-256 of
"T Z C Y X TYPE\n" and the samples, little-endian, in order t z c y x, taken from the arrays, not from the file.
"""

import hashlib
import struct
from pathlib import Path

import imagecodecs
import numpy as np
import tifffile
from PIL import Image
from roifile import ImagejRoi

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


def outlines():
    square = ImagejRoi.frompoints([[4, 3], [14, 3], [14, 13], [4, 13]], name="square")
    triangle = ImagejRoi.frompoints([[20, 5], [32, 5], [20, 17]], name="triangle")
    square.group, triangle.group = 1, 2
    return [square, triangle]


def packed(name, array, bits, row_bytes, photometric=1, fill_order=1, **options):
    """Numbers of 1, 2 or 4 bits: the bytes as tifffile writes them, and tags that say what they are."""
    private = (65000, 3, 1, fill_order, True)
    tifffile.imwrite(HERE / name, row_bytes, metadata=None, extratags=[private, *options.pop("extratags", [])], **options)
    with tifffile.TiffFile(HERE / name, mode="r+") as file:
        tags = file.pages[0].tags
        tags["ImageWidth"].overwrite(array.shape[1])
        tags["BitsPerSample"].overwrite(bits)
        tags["PhotometricInterpretation"].overwrite(photometric)
    # tifffile writes no FillOrder by itself.
    content = (HERE / name).read_bytes()
    (HERE / name).write_bytes(content.replace(struct.pack("<HHI", 65000, 3, 1), struct.pack("<HHI", 266, 3, 1)))
    report(name, plane(array), "u8")


def bytes_of(array, bits):
    """Rows of whole bytes, the first number in the highest bits."""
    digits = array[..., None] >> np.arange(bits)[::-1] & 1
    return np.packbits(digits.reshape(len(array), -1).astype(np.uint8), axis=1)


def lossy(name, expected=None, **options):
    """What another decoder makes of a JPEG lies beside it: libjpeg-turbo, by imagecodecs."""
    if options:
        tifffile.imwrite(HERE / name, metadata=None, **options)
    found = tifffile.imread(HERE / name) if expected is None else expected
    Image.fromarray(found).save((HERE / name).with_suffix(".png"))


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
    tif("predictor2_tiles.tif", grey, plane(grey), "u16", tile=(16, 16), compression="zlib", predictor=True)
    sixteen = rgb.astype(np.uint16) * 257
    tif("predictor2_rgb_big_endian.tif", sixteen, channels(sixteen), "u16",
        byteorder=">", photometric="rgb", compression="zlib", predictor=True, rowsperstrip=5)
    tif("predictor2_planar_tiles.tif", np.moveaxis(rgb, -1, 0), channels(rgb), "u8",
        photometric="rgb", planarconfig="separate", tile=(16, 16), compression="zlib", predictor=True)
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

    # Outlines over an image and over a label image, a selection alone.
    drawn = [roi.tobytes() for roi in outlines()]
    for name, array, options in [
        ("overlay.tif", grey, {"Overlays": drawn, "ROI": drawn[0]}),
        ("overlay_big_endian.tif", ids, {"Overlays": drawn, "Labels": ["as outlined"]}),
        ("selection.tif", ids, {"ROI": drawn[1]}),
    ]:
        order = ">" if "big" in name else "<"
        tif(name, array, plane(array), "u16", imagej=True, byteorder=order, metadata=options)

    few = (ids % 16).astype(np.uint8)
    packed("four_bits.tif", few, 4, bytes_of(few, 4), compression="lzw", rowsperstrip=7)
    packed("two_bits.tif", few % 4, 2, bytes_of(few % 4, 2))
    packed("one_bit_lowest_first.tif", few % 2, 1, np.packbits(few % 2, axis=1, bitorder="little"),
           fill_order=2)
    packed("palette_four_bits.tif", few, 4, bytes_of(few, 4), photometric=3,
           extratags=[(320, 3, 48, list(range(0, 48000, 1000)), True)])
    tif("one_bit.tif", ids > 0, plane(ids > 0), "u8")
    tif("one_bit_tiles.tif", ids > 0, plane(ids > 0), "u8", tile=(16, 16), photometric="miniswhite", compression="packbits")
    Image.fromarray(ids > 0).save(HERE / "fax.tif", compression="group4")
    report("fax.tif", plane(ids > 0), "u8")

    # Lossy: what is read need not be what was given.
    jpeg = {"compression": "jpeg", "compressionargs": {"level": 90}}
    colour = {"data": rgb, "photometric": "ycbcr", **jpeg}
    lossy("jpeg_420_tiles.tif", subsampling=(2, 2), tile=(32, 32), **colour)
    lossy("jpeg_422.tif", subsampling=(2, 1), rowsperstrip=16, **colour)
    lossy("jpeg_444_big_endian.tif", subsampling=(1, 1), tile=(16, 16), byteorder=">", bigtiff=True, **colour)
    # tifffile's own way is a JFIF file, of luminance and differences, for each tile.
    lossy("jpeg_jfif.tif", data=rgb, photometric="rgb", tile=(16, 16), **jpeg)
    stored = imagecodecs.jpeg8_encode(rgb, level=90, colorspace="rgb", outcolorspace="rgb")
    tifffile.imwrite(HERE / "jpeg_rgb.tif", iter([stored]), shape=rgb.shape, dtype=rgb.dtype, photometric="rgb",
                     compression="jpeg", rowsperstrip=len(rgb), metadata=None)
    lossy("jpeg_rgb.tif")
    # libtiff's: tables that all strips share.
    for name, array in [("jpeg_tables.tif", rgb), ("jpeg_grey_tables.tif", grey8)]:
        Image.fromarray(array).save(HERE / name, compression="jpeg", quality=90, tiffinfo={278: 16})
        lossy(name)
    with tifffile.TiffWriter(HERE / "slide.svs") as writer:
        def write(array, description, **options):
            writer.write(array, photometric="ycbcr", subsampling=(2, 2), metadata=None, description=description, **jpeg, **options)
        write(rgb, "Aperio Image Library v11.2.1 \r\n37x29 (16x16) JPEG/RGB Q=90|AppMag = 20|MPP = 0.4990", tile=(16, 16))
        write(rgb[::3, ::3], "Aperio Image Library v11.2.1 \r\n37x29 -> 13x10")
        write(rgb[::2, ::2], "Aperio Image Library v11.2.1 \r\n37x29 -> 19x15", tile=(16, 16))
        write(rgb[:8, :16], "Aperio Image Library v11.2.1 \r\nlabel 16x8", subfiletype=1)
    lossy("slide.svs", tifffile.TiffFile(HERE / "slide.svs").pages[0].asarray())

    # What must be refused.
    tifffile.imwrite(HERE / "refused_jpeg2000.tif", rgb, photometric="rgb", compression="jpeg2000")
    tifffile.imwrite(HERE / "refused_ycbcr.tif", rgb, photometric="ycbcr", subsampling=(1, 1))
    packed("refused_reverse_bits.tif", few, 8, few, compression="lzw", fill_order=2)
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
