"""OME-TIFF files, by tifffile; and by hand where it writes only one of several ways."""

import itertools

import tifffile

from corpus import HEIGHT, UUID, WIDTH, samples, shape_of

KIND = "OME-TIFF"
NAMESPACE = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
TILE = {"tile": (16, 16)}


def make(corpus):
    orders(corpus)
    types(corpus)
    calibrations(corpus)
    names(corpus)
    pyramids(corpus)
    by_hand(corpus)
    errors(corpus)


def save(corpus, name, made, array, axes, *, rgb=False, expect=None, metadata=None, bigtiff=False, byteorder="<", **options):
    path = corpus.path(f"ome/{name}.ome.tif")
    options.setdefault("photometric", "rgb" if rgb else "minisblack")
    with tifffile.TiffWriter(path, ome=True, bigtiff=bigtiff, byteorder=byteorder) as tiff:
        tiff.write(array, metadata={"axes": axes, "UUID": UUID, **(metadata or {})}, **options)
    corpus.image(f"ome/{name}.ome.tif", KIND, f"tifffile: {made}", array, axes, rgb=rgb, **(expect or {}))


def orders(corpus):
    """All orders of planes; and all axes that can be missing."""
    for number, order in enumerate(itertools.permutations("TZC")):
        for kind in ("u1", "u2", "f4"):
            axes = "".join(order) + "YX"
            packed = (None, "zlib", "lzw")[number % 3]
            how = TILE if number % 2 else {}
            save(corpus, f"{axes}_{kind}", f"{axes}, {packed}", samples(shape_of(axes), kind), axes, compression=packed,
                 bigtiff=number % 2 == 0, byteorder="<>"[number // 2 % 2], **how)
    for axes in ("YX", "ZYX", "TYX", "CYX", "TZYX", "TCYX", "ZCYX", "CZYX", "ZTYX", "CTYX"):
        save(corpus, axes, axes, samples(shape_of(axes), "u2"), axes)
    for axes in ("YXS", "ZYXS", "TYXS", "TZYXS"):
        save(corpus, axes, axes, samples(shape_of(axes), "u1"), axes, rgb=True)
    save(corpus, "SYX", "colours in planes", samples((3, HEIGHT, WIDTH), "u2"), "SYX", rgb=True, planarconfig="separate")


def types(corpus):
    for number, kind in enumerate(("u1", "u2", "u4", "i1", "i2", "i4", "f4", "f8")):
        predictor = 3 if kind[0] == "f" else 2
        packed = {"compression": "zlib", "predictor": predictor} if number % 2 else {"compression": "zstd"}
        save(corpus, f"type_{kind}", kind, samples((3, HEIGHT, WIDTH), kind), "ZYX", **TILE, **packed)


def calibrations(corpus):
    """Sizes are in the unit of x; without a unit they are in micrometres."""
    for number, unit in enumerate((None, "µm", "nm", "mm", "cm", "m", "Å", "pm")):
        metadata = {}
        for axis, value in (("X", 0.325), ("Y", 0.65), ("Z", 1.5)):
            metadata[f"PhysicalSize{axis}"] = value
            if unit:
                metadata[f"PhysicalSize{axis}Unit"] = unit
        expect = {"calibration": {"x": 0.325, "y": 0.65, "z": 1.5, "unit": unit or "µm"}}
        save(corpus, f"unit_{number}", f"unit {unit}", samples((3, HEIGHT, WIDTH), "u1"), "ZYX", metadata=metadata, expect=expect)
    mixed = {"PhysicalSizeX": 325, "PhysicalSizeXUnit": "nm", "PhysicalSizeY": 0.65, "PhysicalSizeYUnit": "µm",
             "PhysicalSizeZ": 0.0015, "PhysicalSizeZUnit": "mm"}
    save(corpus, "unit_mixed", "several units", samples((3, HEIGHT, WIDTH), "u1"), "ZYX", metadata=mixed,
         expect={"calibration": {"x": 325, "y": 650, "z": 1500, "unit": "nm"}})
    none = {"PhysicalSizeX": 2, "PhysicalSizeXUnit": "pixel", "PhysicalSizeY": 2, "PhysicalSizeYUnit": "pixel"}
    save(corpus, "unit_pixel", "in pixels", samples((HEIGHT, WIDTH), "u1"), "YX", metadata=none)
    flat = {"PhysicalSizeX": 0.1, "PhysicalSizeY": 0.2}
    save(corpus, "unit_flat", "no slices", samples((HEIGHT, WIDTH), "u1"), "YX", metadata=flat,
         expect={"calibration": {"x": 0.1, "y": 0.2, "unit": "µm"}})
    for unit, seconds in (("s", 1), ("ms", 1e-3), ("min", 60), ("h", 3600), (None, 1)):
        metadata = {"TimeIncrement": 2.5, **({"TimeIncrementUnit": unit} if unit else {})}
        save(corpus, f"time_{unit}", f"time in {unit}", samples((2, HEIGHT, WIDTH), "u1"), "TYX", metadata=metadata,
             expect={"calibration": {"frame_interval": 2.5 * seconds}})


def names(corpus):
    called = ["DAPI", "α-tubulin & <actin>", "\"GFP\""]
    save(corpus, "names", "channel names", samples((2, 3, HEIGHT, WIDTH), "u2"), "ZCYX", metadata={"Channel": {"Name": called}},
         expect={"channel_names": called})
    save(corpus, "names_one", "the name of one channel", samples((HEIGHT, WIDTH), "u2"), "YX",
         metadata={"Channel": {"Name": ["only"]}}, expect={"channel_names": ["only"]})
    # Of several images the first is read.
    first, second = samples((2, HEIGHT, WIDTH), "u2"), samples((3, 40, 50), "u1")
    for number, arrays in enumerate(((first, second), (second, first), (first, second, first))):
        path = corpus.path(f"ome/images_{number}.ome.tif")
        with tifffile.TiffWriter(path, ome=True) as tiff:
            for array in arrays:
                metadata = {"axes": "ZYX", "UUID": UUID, "PhysicalSizeX": array.shape[0], "PhysicalSizeY": 1}
                tiff.write(array, photometric="minisblack", metadata=metadata)
        calibration = {"x": arrays[0].shape[0], "y": 1, "unit": "µm"}
        corpus.image(f"ome/images_{number}.ome.tif", KIND, "tifffile: several images", arrays[0], "ZYX", calibration=calibration)


def pyramids(corpus):
    for number, (axes, kind) in enumerate((("YX", "u1"), ("ZYX", "u2"), ("CYX", "f4"), ("TCYX", "u2"), ("YXS", "u1"))):
        sizes = {"T": 2, "Z": 3, "C": 2, "Y": 150, "X": 110, "S": 3}
        array = samples(tuple(sizes[axis] for axis in axes), kind)
        rgb = axes.endswith("S")
        below = [array[::2, ::2] if rgb else array[..., ::2, ::2], array[::4, ::4] if rgb else array[..., ::4, ::4]]
        options = {"photometric": "rgb" if rgb else "minisblack", "compression": ("zlib", None)[number % 2], **TILE}
        path = corpus.path(f"ome/pyramid_{axes}.ome.tif")
        with tifffile.TiffWriter(path, ome=True, bigtiff=number % 2 == 0) as tiff:
            tiff.write(array, subifds=2, metadata={"axes": axes, "UUID": UUID}, **options)
            for level in below:
                tiff.write(level, subfiletype=1, **options)
        corpus.image(f"ome/pyramid_{axes}.ome.tif", KIND, "tifffile: smaller copies", array, axes, rgb=rgb, levels=below)


def xml(order, shape, pages, *, namespace=NAMESPACE):
    """OME-XML of 16-bit planes; `shape` is `t z c`."""
    t, z, c = shape
    channels = "".join(f'<Channel ID="Channel:0:{number}" SamplesPerPixel="1"/>' for number in range(c))
    return (f'<?xml version="1.0" encoding="UTF-8"?><OME xmlns="{namespace}"><Image ID="Image:0"><Pixels ID="Pixels:0" '
            f'DimensionOrder="{order}" Type="uint16" SizeX="{WIDTH}" SizeY="{HEIGHT}" SizeZ="{z}" SizeC="{c}" SizeT="{t}">'
            f"{channels}{pages}</Pixels></Image></OME>")


def save_by_hand(corpus, name, text, planes):
    path = corpus.path(f"ome/{name}.ome.tif")
    with tifffile.TiffWriter(path) as tiff:
        for number, plane in enumerate(planes):
            tiff.write(plane, description=text if number == 0 else None, metadata=None, photometric="minisblack")


def by_hand(corpus):
    array = samples((2, 3, 2, HEIGHT, WIDTH), "u2")
    at = list(itertools.product(range(2), range(3), range(2)))
    # Pages in the order of the file, planes as TiffData says.
    mixed = sorted(at, key=lambda place: (place[1] * 7 + place[0] * 5 + place[2] * 3) % 11)
    pages = "".join(f'<TiffData IFD="{page}" FirstT="{t}" FirstZ="{z}" FirstC="{c}" PlaneCount="1"/>'
                    for page, (t, z, c) in enumerate(mixed))
    for number, (order, text, places) in enumerate((
        ("XYZCT", pages, mixed),
        ("XYCZT", '<TiffData/>', at),
        ("XYCZT", "", at),
        ("XYCZT", '<TiffData IFD="6" FirstT="1" PlaneCount="6"/><TiffData IFD="0" PlaneCount="6"/>', at),
        ("XYTZC", '<TiffData PlaneCount="12"/>', [(t, z, c) for c in range(2) for z in range(3) for t in range(2)]),
    )):
        save_by_hand(corpus, f"tiff_data_{number}", xml(order, (2, 3, 2), text), [array[place] for place in places])
        corpus.image(f"ome/tiff_data_{number}.ome.tif", KIND, "by hand: pages and planes", array, "TZCYX")
    older = xml("XYCZT", (2, 3, 2), "", namespace="http://www.openmicroscopy.org/Schemas/OME/2010-06")
    save_by_hand(corpus, "schema_2010", older, [array[place] for place in at])
    corpus.image("ome/schema_2010.ome.tif", KIND, "by hand: an older schema", array, "TZCYX")


def errors(corpus):
    elsewhere = '<TiffData IFD="0"><UUID FileName="other.ome.tif">urn:uuid:00000000-0000-4000-8000-000000000001</UUID></TiffData>'
    binary = f'<?xml version="1.0"?><OME xmlns="{NAMESPACE}"><BinaryOnly MetadataFile="all.companion.ome" UUID="{UUID}"/></OME>'
    for name, text, error in (
        ("other_file", xml("XYCZT", (1, 1, 1), elsewhere), "unsupported"),
        ("companion", binary, "unsupported"),
        ("few_pages", xml("XYCZT", (9, 1, 1), ""), "unreadable-image"),
        ("cut_xml", xml("XYCZT", (1, 1, 1), "")[:-30], "unreadable-image"),
    ):
        save_by_hand(corpus, name, text, [samples((HEIGHT, WIDTH), "u2")])
        corpus.error(f"ome/{name}.ome.tif", "OME-TIFF that is refused", "by hand", error)
