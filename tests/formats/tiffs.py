"""TIFF files of all kinds, by tifffile and imagecodecs."""

import itertools

import numpy as np
import tifffile

from corpus import HEIGHT, WIDTH, samples, smooth

KIND = "TIFF"
INTEGERS = ["u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8"]
FLOATS = ["f2", "f4", "f8"]
TILE = {"tile": (16, 16)}
STRIPS = {"rowsperstrip": 7}


def make(corpus):
    types(corpus)
    compressions(corpus)
    channels(corpus)
    pages(corpus)
    sizes(corpus)
    few_bits_and_palettes(corpus)
    jpegs(corpus)
    pyramids(corpus)
    resolutions(corpus)
    errors(corpus)


def save(corpus, name, made, array, axes, *, file=None, rgb=False, expect=None, **options):
    """Writes an array with tifffile's own options; without its description, which says nothing of use to others."""
    path = corpus.path(f"tiff/{name}.tif")
    opening = {key: options.pop(key) for key in ("byteorder", "bigtiff") if key in options}
    options.setdefault("metadata", None)
    options.setdefault("photometric", "rgb" if rgb else "minisblack")
    with tifffile.TiffWriter(path, **opening) as tiff:
        tiff.write(array, **options)
    corpus.image(f"tiff/{name}.tif", KIND, f"tifffile: {made}", array, axes, rgb=rgb, **(expect or {}))


def types(corpus):
    for number, (kind, layout, order) in enumerate(itertools.product(INTEGERS + FLOATS, (STRIPS, TILE), "<>")):
        big = number % 3 == 0
        name = f"type_{kind}_{'tiles' if layout is TILE else 'strips'}_{'little' if order == '<' else 'big'}"
        array = samples((HEIGHT, WIDTH), kind)
        save(corpus, name, f"{kind}, BigTIFF {big}", array, "YX", byteorder=order, bigtiff=big, **layout)


def compressions(corpus):
    number = 0
    for packed, kind in itertools.product(("lzw", "zlib", "zstd"), ["u1", "u2", "u4", "u8", "i1", "i2", "i4", *FLOATS]):
        for predictor in (1, 3 if kind in FLOATS else 2):
            number += 1
            layout = TILE if number // 2 % 2 else STRIPS
            order = "<>"[number // 4 % 2]
            array = samples((HEIGHT, WIDTH), kind)
            save(corpus, f"{packed}_{kind}_predictor{predictor}", f"{packed}, predictor {predictor}", array, "YX",
                 compression=packed, predictor=predictor, byteorder=order, bigtiff=number % 5 == 0, **layout)
    for kind in ("u1", "u2", "i4", "f4"):
        array = samples((HEIGHT, WIDTH), kind)
        # Rows of one number, and rows of others.
        array[::2] = array[0, 0]
        save(corpus, f"packbits_{kind}", "PackBits", array, "YX", compression="packbits", **STRIPS)
    # The number of Deflate before Adobe registered one, and of the largest codes of LZW.
    save(corpus, "deflate_old", "Deflate 32946", samples((HEIGHT, WIDTH), "u2"), "YX", compression="deflate", **STRIPS)
    save(corpus, "lzw_long", "LZW, one strip", samples((201, 203), "u2"), "YX", compression="lzw", rowsperstrip=201)


def channels(corpus):
    for kind, planar, layout in itertools.product(("u1", "u2", "f4"), (False, True), (STRIPS, TILE)):
        how = {"planarconfig": "separate" if planar else "contig", **layout}
        axes = "SYX" if planar else "YXS"
        suffix = f"{kind}_{'planar' if planar else 'chunky'}_{'tiles' if layout is TILE else 'strips'}"
        extent = {count: (count, HEIGHT, WIDTH) if planar else (HEIGHT, WIDTH, count) for count in range(2, 6)}
        save(corpus, f"rgb_{suffix}", "RGB", samples(extent[3], kind), axes, rgb=True, **how)
        packed = {"compression": "zlib", "predictor": 3 if kind == "f4" else 2}
        save(corpus, f"rgb_packed_{suffix}", "RGB, Deflate, predictor", samples(extent[3], kind), axes, rgb=True, **packed, **how)
        save(corpus, f"five_{suffix}", "five samples a pixel", samples(extent[5], kind), axes, **how)
        for alpha in ("assocalpha", "unassalpha"):
            with_alpha(corpus, f"{alpha}_{suffix}", samples(extent[4], kind), axes, alpha, how)
        with_alpha(corpus, f"grey_alpha_{suffix}", samples(extent[2], kind), axes, "unassalpha", how)


def with_alpha(corpus, name, array, axes, alpha, how):
    """The last sample of a pixel is its alpha, which is dropped."""
    path = corpus.path(f"tiff/{name}.tif")
    kept = array[:-1] if axes.startswith("S") else array[..., :-1]
    rgb = 3 in (kept.shape[0], kept.shape[-1])
    photometric = "rgb" if rgb else "minisblack"
    tifffile.imwrite(path, array, photometric=photometric, extrasamples=[alpha], metadata=None, **how)
    corpus.image(f"tiff/{name}.tif", KIND, f"tifffile: {alpha}", kept, axes, rgb=rgb)


def pages(corpus):
    for number, kind in enumerate(("u1", "u2", "u4", "f4", "f8")):
        options = [{}, {"compression": "zlib", "predictor": 2}, {"compression": "zstd", **TILE}, {"compression": "lzw"}, TILE]
        array = samples((number + 2, HEIGHT, WIDTH), kind)
        save(corpus, f"pages_{kind}", "pages", array, "ZYX", bigtiff=number % 2 == 1, **options[number])
    save(corpus, "pages_rgb", "pages of colours", samples((3, HEIGHT, WIDTH, 3), "u1"), "ZYXS", rgb=True)
    planes = samples((3, 3, HEIGHT, WIDTH), "u2")
    save(corpus, "pages_rgb_planar", "pages of planes of colours", planes, "ZSYX", rgb=True, planarconfig="separate")
    # With its description of axes, which is tifffile's own: pages are slices.
    save(corpus, "pages_shaped", "pages with a shape", samples((6, HEIGHT, WIDTH), "u2"), "ZYX", metadata={})


def sizes(corpus):
    for height, width in ((1, 1), (1, WIDTH), (HEIGHT, 1), (16, 32), (17, 33), (5, 300)):
        for packed in (None, "zlib"):
            array = samples((height, width), "u2")
            how = TILE if (height + width) % 2 == 0 else {"rowsperstrip": 1}
            save(corpus, f"size_{height}_{width}_{packed}", "sizes", array, "YX", compression=packed, **how)
    save(corpus, "one_strip", "one strip", samples((HEIGHT, WIDTH), "u2"), "YX", compression="zlib", rowsperstrip=HEIGHT)
    tile = {"tile": (64, 128)}
    save(corpus, "large_tile", "a tile larger than the image", samples((HEIGHT, WIDTH), "u2"), "YX", compression="zlib", **tile)
    save(corpus, "large_tile_plain", "a tile larger than the image", samples((HEIGHT, WIDTH), "u1"), "YX", **tile)


def few_bits_and_palettes(corpus):
    """Numbers are those in the file: look-up tables and "white is zero" are ways to show pixels."""
    for kind in ("u1", "u2"):
        array = samples((HEIGHT, WIDTH), kind)
        table = samples((3, 1 << 8 * array.itemsize), "u2")
        for packed in (None, "lzw"):
            save(corpus, f"palette_{kind}_{packed}", "palette", array, "YX", photometric="palette", colormap=table,
                 compression=packed, **STRIPS)
            save(corpus, f"white_is_zero_{kind}_{packed}", "white is zero", array, "YX", photometric="miniswhite",
                 compression=packed, **STRIPS)
    for bits in (1, 2, 4):
        array = samples((HEIGHT, WIDTH), "u1", (1 << bits) - 1)
        for photometric in ("minisblack", "miniswhite"):
            save(corpus, f"bits_{bits}_{photometric}", f"{bits} bits", array, "YX", photometric=photometric, bitspersample=bits,
                 rowsperstrip=7)
        save(corpus, f"bits_{bits}_tiles", f"{bits} bits in tiles", array, "YX", bitspersample=bits, **TILE)
        save(corpus, f"bits_{bits}_pages", f"{bits} bits", samples((3, HEIGHT, WIDTH), "u1", (1 << bits) - 1), "ZYX",
             bitspersample=bits)
    for packed, photometric in itertools.product((None, "packbits", "lzw", "zlib", "zstd"), ("minisblack", "miniswhite")):
        save(corpus, f"bilevel_{packed}_{photometric}", "black and white", samples((HEIGHT, WIDTH), "b1"), "YX",
             photometric=photometric, compression=packed)


def jpegs(corpus):
    """Decoders round: samples are at most 4 apart."""
    for number, layout in enumerate((TILE, {"rowsperstrip": 16}, {"rowsperstrip": 64})):
        grey = smooth((64, 80))
        jpeg(corpus, f"jpeg_grey_{number}", grey, "YX", **layout)
        colours = smooth((64, 80, 3))
        for subsampling in ((1, 1), (2, 1), (2, 2)):
            name = f"jpeg_ycbcr_{subsampling[0]}{subsampling[1]}_{number}"
            jpeg(corpus, name, colours, "YXS", subsampling=subsampling, **layout)
    jpeg(corpus, "jpeg_pages", np.stack([smooth((40, 48)), smooth((40, 48)).T.reshape(40, 48)]), "ZYX", tile=(16, 16))
    jpeg(corpus, "jpeg_odd", smooth((HEIGHT, WIDTH)), "YX", tile=(16, 16))
    jpeg(corpus, "jpeg_odd_ycbcr", smooth((HEIGHT, WIDTH, 3)), "YXS", tile=(16, 16))


def jpeg(corpus, name, array, axes, **options):
    path = corpus.path(f"tiff/{name}.tif")
    rgb = axes.endswith("S")
    tifffile.imwrite(path, array, photometric="rgb" if rgb else "minisblack", compression="jpeg", compressionargs={"level": 95},
                     metadata=None, **options)
    decoded = tifffile.imread(path)
    corpus.image(f"tiff/{name}.tif", KIND, "tifffile: JPEG", decoded, axes, rgb=rgb, within=4)


def pyramids(corpus):
    for number, kind in enumerate(("u1", "u2", "f4")):
        array = samples((3 if number == 1 else 1, 120, 90), kind)
        options = {"photometric": "minisblack", "compression": (None, "zlib", "zstd")[number], "metadata": None, **TILE}
        below = [array[..., ::2, ::2], array[..., ::4, ::4]]
        path = corpus.path(f"tiff/pyramid_below_{kind}.tif")
        with tifffile.TiffWriter(path, bigtiff=number == 2) as tiff:
            tiff.write(array, subifds=2, **options)
            for level in below:
                tiff.write(level, subfiletype=1, **options)
        corpus.image(f"tiff/pyramid_below_{kind}.tif", KIND, "tifffile: smaller copies in SubIFDs", array, "ZYX", levels=below)
        path = corpus.path(f"tiff/pyramid_behind_{kind}.tif")
        with tifffile.TiffWriter(path, bigtiff=number == 1) as tiff:
            for level in (array[:1], *(level[:1] for level in below)):
                tiff.write(level, subfiletype=int(level.shape != array[:1].shape), **options)
        levels = [level[:1] for level in below]
        corpus.image(f"tiff/pyramid_behind_{kind}.tif", KIND, "tifffile: smaller copies behind", array[:1], "ZYX", levels=levels)
    colours = samples((100, 80, 3), "u1")
    path = corpus.path("tiff/pyramid_rgb.tif")
    with tifffile.TiffWriter(path) as tiff:
        tiff.write(colours, subifds=1, photometric="rgb", metadata=None, **TILE)
        tiff.write(colours[::2, ::2], subfiletype=1, photometric="rgb", metadata=None, **TILE)
    corpus.image("tiff/pyramid_rgb.tif", KIND, "tifffile: smaller copies of colours", colours, "YXS", rgb=True,
                 levels=[colours[::2, ::2]])


def resolutions(corpus):
    """Only centimetres count: inches are the print density of other programs."""
    centimetres = {"calibration": {"x": 0.001, "y": 0.0005, "unit": "cm"}}
    for unit, expect in (("centimeter", centimetres), ("inch", {}), ("none", {})):
        array = samples((HEIGHT, WIDTH), "u1")
        save(corpus, f"resolution_{unit}", f"resolution in {unit}", array, "YX", resolution=(1000, 2000), resolutionunit=unit,
             expect=expect)


def errors(corpus):
    def wrong(name, made, error, array, **options):
        tifffile.imwrite(corpus.path(f"tiff/{name}.tif"), array, metadata=None, **options)
        corpus.error(f"tiff/{name}.tif", "TIFF that is refused", made, error)

    four, three = samples((32, 48, 4), "u1"), samples((32, 48, 3), "u1")
    wrong("cmyk", "CMYK", "unsupported", four, photometric="separated")
    wrong("ycbcr", "YCbCr without JPEG", "unsupported", three, photometric="rgb")
    with tifffile.TiffFile(corpus.path("tiff/ycbcr.tif"), mode="r+b") as tiff:
        tiff.pages[0].tags["PhotometricInterpretation"].overwrite(6)
    # Several slices in one page, by a tag of SGI: the first is not all.
    volume = samples((4, 32, 48), "u2")
    for order, name in (("<", "little"), (">", "big")):
        wrong(f"bits_12_{name}", "12 bits", "unsupported", samples((32, 48), "u2", 4095), bitspersample=12, byteorder=order)
    wrong("volume", "slices in one page", "unsupported", volume, photometric="minisblack", volumetric=True)
    wrong("volume_tiles", "slices in tiles", "unsupported", volume, photometric="minisblack", tile=(4, 16, 16))
    wrong("five_with_colours", "colours with two more samples", "unsupported", samples((32, 48, 5), "u1"), photometric="rgb")
    wrong("jpeg2000", "JPEG 2000", "unsupported", three, photometric="rgb", compression="jpeg2000")
    wrong("complex", "complex numbers", "unsupported", samples((8, 8), "f4").astype("c8"), photometric="minisblack")
    with tifffile.TiffWriter(corpus.path("tiff/two_sizes.tif")) as tiff:
        for size in ((20, 30), (20, 31)):
            tiff.write(samples(size, "u1"), photometric="minisblack", metadata=None)
    corpus.error("tiff/two_sizes.tif", "TIFF that is refused", "pages of different sizes", "unsupported")
    whole = corpus.path("tiff/type_u2_strips_little.tif").read_bytes()
    for name, content in (("cut", whole[: len(whole) // 2]), ("empty", b""), ("header", whole[:8])):
        corpus.path(f"tiff/{name}.tif").write_bytes(content)
        corpus.error(f"tiff/{name}.tif", "TIFF that is refused", "cut short", "unreadable-image")
