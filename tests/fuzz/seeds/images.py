"""Seeds of images: TIFF, OME-XML, NIfTI, PNG and JPEG, arrays of NumPy."""

import io
import pathlib
import tempfile

import nibabel
import numpy as np
import roifile
import tifffile
from PIL import Image

from common import ROOT, grid, keep


def tiff(name, data, **options):
    file = io.BytesIO()
    tifffile.imwrite(file, data, **{"metadata": None, "software": None, **options})
    keep("tiff", name, file.getvalue())


def write_tiff():
    for dtype in ["u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8"]:
        tiff(f"strips-{dtype}", grid(dtype, 7, 5), rowsperstrip=3)
    tiff("big-endian", grid(">u2", 2, 7, 5), byteorder=">")
    tiff("bigtiff", grid("u2", 2, 6, 5), bigtiff=True)
    tiff("bigtiff-big-endian", grid(">f4", 6, 5), bigtiff=True, byteorder=">")
    for codec in ["deflate", "lzw", "packbits", "zstd"]:
        tiff(f"tiles-{codec}", grid("u2", 20, 37), tile=(16, 16), compression=codec)
    tiff("predictor", grid("u2", 20, 18), compression="deflate", predictor=2)
    tiff("predictor-tiles", grid("u1", 20, 37, 3), tile=(16, 16), compression="lzw", predictor=2, photometric="rgb")
    tiff("predictor-float", grid("f4", 9, 8), compression="zstd", predictor=3)
    tiff("jpeg", grid("u1", 16, 16), tile=(16, 16), compression="jpeg")
    tiff("rgb", grid("u1", 5, 6, 3), photometric="rgb")
    tiff("rgba", grid("u1", 5, 6, 4), photometric="rgb", extrasamples=["unassalpha"])
    tiff("planar", grid("u2", 3, 5, 6), photometric="rgb", planarconfig="separate")
    tiff("five-samples", grid("u1", 4, 4, 5), photometric="minisblack", planarconfig="contig")
    tiff("palette", grid("u1", 6, 6), photometric="palette", colormap=grid("u2", 3, 256) * 99)
    tiff("white-is-zero", grid("u1", 6, 6), photometric="miniswhite")
    tiff("centimetres", grid("u1", 3, 3), resolution=(1000, 2000), resolutionunit="CENTIMETER")
    axes = {"axes": "TZCYX", "unit": "um", "spacing": 2.0, "finterval": 0.5}
    stack = grid("u2", 2, 2, 2, 5, 6)
    tiff("imagej", stack, imagej=True, resolution=(4, 4), metadata={**axes, "Labels": [f"plane {i}" for i in range(8)]})
    rois = [roifile.ImagejRoi.frompoints([[1, 1], [4, 1], [2, 4]], name=f"r{i}").tobytes() for i in range(3)]
    tiff("imagej-outlines", grid("u1", 6, 6), imagej=True, metadata={"ROI": rois[0], "Overlays": rois[1:]})
    tiff("imagej-rgb", grid("u1", 2, 4, 5, 3), imagej=True, metadata={"axes": "ZYXS"})
    tiff("imagej-float", grid("f4", 3, 4, 5), imagej=True, metadata={"axes": "TYX", "min": 0.0, "max": 9.0})
    one_entry()
    ome = {"axes": "ZCYX", "PhysicalSizeX": 0.25, "PhysicalSizeXUnit": "µm", "Channel": {"Name": ["a", "b"]}}
    file = io.BytesIO()
    with tifffile.TiffWriter(file, ome=True) as writer:
        options = {"tile": (16, 16), "compression": "deflate"}
        data = grid("u2", 2, 2, 32, 32)
        writer.write(data, subifds=2, metadata=ome, **options)
        writer.write(data[..., ::2, ::2], subfiletype=1, **options)
        writer.write(data[..., ::4, ::4], subfiletype=1, **options)
    keep("tiff", "ome-pyramid", file.getvalue())
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for side in [32, 16, 8]:
            writer.write(grid("u1", side, side), metadata=None, subfiletype=int(side < 32))
    keep("tiff", "pages-of-sizes", file.getvalue())


def one_entry():
    """A stack as ImageJ writes it beyond 4 GB: one page entry, the planes in a row behind it."""
    file = io.BytesIO()
    text = "ImageJ=1.54p\nimages=3\nslices=3\nunit=\\u00B5m\nspacing=2.0\nloop=false\n"
    tifffile.imwrite(file, grid("u2", 4, 5), metadata=None, software=None, description=text)
    keep("tiff", "imagej-one-entry", file.getvalue() + grid("u2", 2, 4, 5).tobytes())


def write_ome_xml():
    pixels = '<Pixels ID="Pixels:0" DimensionOrder="{order}" Type="uint8" SizeX="4" SizeY="3" SizeZ="{z}" SizeC="{c}" SizeT="{t}"'
    size = ' PhysicalSizeX="0.5" PhysicalSizeY="0.5" PhysicalSizeYUnit="nm" PhysicalSizeZ="2" TimeIncrement="3">'
    head = (
        '<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="urn:uuid:1">'
    )

    def image(order, z, c, t, inside, before=""):
        body = pixels.format(order=order, z=z, c=c, t=t) + size + inside + "</Pixels></Image></OME>"
        return f'{head}{before}<Image ID="Image:0" Name="&lt;one&#181;">{body}'

    channel = '<Channel ID="Channel:0:{0}" Name="c{0}" SamplesPerPixel="{1}"/>'
    two = channel.format(0, 1) + channel.format(1, 1)
    here = '<TiffData IFD="0" PlaneCount="4"/>'
    uuid = (
        '<TiffData FirstZ="1" IFD="1"><UUID FileName="input.ome.tif">urn:uuid:1</UUID></TiffData><TiffData FirstZ="0" IFD="0"/>'
    )
    elsewhere = '<TiffData IFD="0"><UUID FileName="other.ome.tif">urn:uuid:2</UUID></TiffData>'
    labels = (
        '<StructuredAnnotations><MapAnnotation ID="Annotation:0" Namespace="fewlabel/slice-labels"><Value><M K="0">a</M>'
        '<M K="1"><![CDATA[b]]></M></Value></MapAnnotation></StructuredAnnotations>'
    )
    texts = {
        "planes": (3, image("XYZCT", 2, 2, 1, two + here)),
        "frames": (5, image("XYCTZ", 1, 2, 3, two + "<TiffData/>")),
        "colours": (9, image("XYCZT", 2, 3, 1, channel.format(0, 3) + "<TiffData/>")),
        "uuid": (1, image("XYZTC", 2, 1, 1, uuid)),
        "elsewhere": (0, image("XYZTC", 1, 1, 1, elsewhere)),
        "labels": (1, image("XYZTC", 2, 1, 1, "<TiffData/>").replace("</OME>", labels + "</OME>")),
        "binary-only": (0, head + '<BinaryOnly MetadataFile="a.ome" UUID="urn:uuid:3"/></OME>'),
        "2008": (
            1,
            '<OME xmlns="x"><Image><LogicalChannel Name="a"/>' + pixels.format(order="XYZCT", z=1, c=2, t=1) + "/></Image></OME>",
        ),
        "two-images": (
            1,
            image("XYZCT", 1, 1, 1, here).replace(
                "</OME>", '<Image ID="Image:1">' + pixels.format(order="XYZCT", z=1, c=1, t=1) + "/></Image></OME>"
            ),
        ),
        "comments": (0, "<!-- a --> <?b c?>" + image("XYZCT", 1, 1, 1, "<!-- <Channel/> -->" + here)),
        "definition": (0, '<!DOCTYPE OME [<!ENTITY a "b">]>' + image("XYZCT", 1, 1, 1, "&a;")),
        "imagej": (3, "ImageJ=1.54p\nimages=4\nchannels=2\nslices=2\nhyperstack=true\nunit=micron\nspacing=0.5\nfinterval=2\n"),
    }
    for name, (pages, text) in texts.items():
        keep("ome_xml", name, bytes([pages]) + text.encode())


def write_nifti():
    def save(name, data, kind=nibabel.Nifti1Image, change=lambda image: None, packed=False):
        image = kind(data, np.diag([0.5, 0.5, 2, 1]), dtype=data.dtype)
        image.header.set_xyzt_units("micron", "sec")
        change(image)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / ("a.nii.gz" if packed else "a.nii")
            nibabel.save(image, path)
            keep("nifti", name, path.read_bytes())

    for dtype in ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8"]:
        save(dtype, grid(dtype, 4, 3, 2))
    save(
        "big-endian",
        grid(">i2", 4, 3),
        lambda data, affine, dtype: nibabel.Nifti1Image(data, affine, nibabel.Nifti1Header(endianness=">")),
    )
    save("five-axes", grid("u1", 3, 2, 2, 2, 2))
    save("nifti2", grid("u2", 4, 3, 2), nibabel.Nifti2Image)
    save("scaled", grid("i2", 4, 3), change=lambda image: image.header.set_slope_inter(0.5, -3))
    save("colours", grid("u1", 3, 2, 2, 3).view([("R", "u1"), ("G", "u1"), ("B", "u1")])[..., 0])
    save("packed", grid("u2", 5, 4, 2), packed=True)
    note = nibabel.nifti1.Nifti1Extension("comment", b"a note")
    save("extension", grid("u1", 3, 3), change=lambda image: image.header.extensions.append(note))


def write_png_jpeg():
    def save(name, image, kind="PNG", **options):
        file = io.BytesIO()
        image.save(file, kind, **options)
        keep("png_jpeg", name, file.getvalue())

    for mode, shape in {"L": (6, 7), "LA": (6, 7, 2), "RGB": (6, 7, 3), "RGBA": (6, 7, 4)}.items():
        save(mode.lower(), Image.fromarray(grid("u1", *shape), mode))
    save("sixteen-bits", Image.fromarray(grid("u2", 6, 7) * 200))
    save("palette", Image.fromarray(grid("u1", 6, 7, 3), "RGB").quantize(5))
    save("one-bit", Image.fromarray(grid("u1", 6, 9)).convert("1"))
    save("jpeg", Image.fromarray(grid("u1", 16, 20)), "JPEG")
    save("jpeg-colours", Image.fromarray(grid("u1", 17, 19, 3), "RGB"), "JPEG", subsampling=2)
    for path in (ROOT / "core/image/tests/data").glob("*.jpg"):
        keep("png_jpeg", path.name, path.read_bytes())


def write_cellpose_npy():
    for path in (ROOT / "core/image/tests/data").glob("*.npy"):
        keep("cellpose_npy", path.stem, path.read_bytes())
    for name, data in {"u2": grid("u2", 4, 5), "big-endian": grid(">i4", 2, 3, 4), "bool": grid("?", 3, 3)}.items():
        file = io.BytesIO()
        np.save(file, data)
        keep("cellpose_npy", name, file.getvalue())


if __name__ == "__main__":
    for write in [write_tiff, write_ome_xml, write_nifti, write_png_jpeg, write_cellpose_npy]:
        write()
