"""PNG and JPEG, by Pillow, imageio and imagecodecs; grey of few bits by hand."""

import io
import struct
import zlib

import imagecodecs
import imageio.v3 as imageio
import numpy as np
from PIL import Image

from corpus import HEIGHT, WIDTH, samples, smooth


def make(corpus):
    png(corpus)
    few_bits(corpus)
    palettes(corpus)
    jpeg(corpus)


def keep(corpus, name, kind, made, content, array, axes, **more):
    corpus.path(f"pictures/{name}").write_bytes(content)
    corpus.image(f"pictures/{name}", kind, made, array, axes, rgb=axes.endswith("S"), **more)


def png(corpus):
    for height, width in ((HEIGHT, WIDTH), (1, 1), (1, WIDTH), (HEIGHT, 1)):
        for kind in ("u1", "u2"):
            for count, kept in ((1, 1), (2, 1), (3, 3), (4, 3)):
                array = samples((height, width, count) if count > 1 else (height, width), kind)
                found, axes = (array if count == 1 else array[..., 0], "YX") if kept == 1 else (array[..., :3], "YXS")
                keep(corpus, f"{kind}_{count}_{height}_{width}.png", "PNG", f"imagecodecs: {count} samples of {kind}",
                     imagecodecs.png_encode(array), found, axes)
    grey, colours = samples((HEIGHT, WIDTH), "u2"), samples((HEIGHT, WIDTH, 3), "u1")
    keep(corpus, "imageio_grey.png", "PNG", "imageio", imageio.imwrite("<bytes>", grey, extension=".png"), grey, "YX")
    keep(corpus, "imageio_colours.png", "PNG", "imageio", imageio.imwrite("<bytes>", colours, extension=".png"), colours, "YXS")
    # The end of a file tells nothing, its content does.
    keep(corpus, "png_called_tif.tif", "PNG", "imageio", imageio.imwrite("<bytes>", grey, extension=".png"), grey, "YX")
    whole = imagecodecs.png_encode(grey)
    corpus.path("pictures/cut.png").write_bytes(whole[: len(whole) // 2])
    corpus.error("pictures/cut.png", "pictures that are refused", "cut short", "unreadable-image")


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def few_bits(corpus):
    """Grey of few bits stays the numbers that they are. Each row is filled up to whole bytes."""
    for bits in (1, 2, 4):
        for width in (WIDTH, 5):
            array = samples((HEIGHT, width), "u1", (1 << bits) - 1)
            single = np.unpackbits(array[..., None], axis=2)[..., 8 - bits :].reshape(HEIGHT, width * bits)
            rows = b"".join(b"\0" + np.packbits(row).tobytes() for row in single)
            header = struct.pack(">IIBBBBB", width, HEIGHT, bits, 0, 0, 0, 0)
            content = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
            assert np.array_equal(np.asarray(Image.open(io.BytesIO(content)).convert("L")), array * (255 // ((1 << bits) - 1)))
            keep(corpus, f"grey_{bits}_{width}.png", "PNG", f"by hand: {bits} bits of grey", content, array, "YX")


def palettes(corpus):
    """Palettes of pictures are read as their colours."""
    for bits in (1, 2, 4, 8):
        for transparent in (False, True):
            table = samples((1 << bits, 3), "u1")
            array = samples((HEIGHT, WIDTH), "u1", (1 << bits) - 1)
            picture = Image.fromarray(array, "P")
            picture.putpalette(table.tobytes())
            out = io.BytesIO()
            picture.save(out, "PNG", bits=bits, **({"transparency": bytes([0, 90])} if transparent else {}))
            keep(corpus, f"palette_{bits}_{transparent}.png", "PNG", f"Pillow: palette of {bits} bits", out.getvalue(),
                 table[array], "YXS")


def jpeg(corpus):
    """Decoders round: samples are at most 4 apart."""
    for height, width in ((64, 80), (HEIGHT, WIDTH), (1, 1), (8, 200)):
        for progressive in (False, True):
            size = f"{height}_{width}_{progressive}"
            save(corpus, f"grey_{size}.jpg", smooth((height, width)), "YX", progressive=progressive)
            for sampling in (0, 1, 2):
                save(corpus, f"colours_{size}_{sampling}.jpg", smooth((height, width, 3)), "YXS", progressive=progressive,
                     subsampling=sampling)
    content = imageio.imwrite("<bytes>", smooth((40, 60)), extension=".jpg")
    keep(corpus, "imageio.jpg", "JPEG", "imageio", content, np.asarray(Image.open(io.BytesIO(content))), "YX", within=4)
    out = io.BytesIO()
    Image.fromarray(samples((16, 16, 4), "u1"), "CMYK").save(out, "JPEG")
    corpus.path("pictures/cmyk.jpg").write_bytes(out.getvalue())
    corpus.error("pictures/cmyk.jpg", "pictures that are refused", "CMYK", "unsupported")
    corpus.path("pictures/cut.jpg").write_bytes(content[: len(content) // 2])
    corpus.error("pictures/cut.jpg", "pictures that are refused", "cut short", "unreadable-image")
    corpus.path("pictures/twelve.jpg").write_bytes(imagecodecs.jpeg_encode(samples((16, 16), "u2", 4095), bitspersample=12))
    corpus.error("pictures/twelve.jpg", "pictures that are refused", "12 bits", "unsupported")


def save(corpus, name, array, axes, **options):
    out = io.BytesIO()
    Image.fromarray(array).save(out, "JPEG", quality=95, **options)
    keep(corpus, name, "JPEG", f"Pillow: {options}", out.getvalue(), np.asarray(Image.open(out)), axes, within=4)
