"""Small images in the formats that we read, written by PIL, and the pixels that PIL reads from them.

python 3.11+, versions in pixels.json. Run: python generate.py
"""
import json, pathlib, platform, struct, zlib
import numpy as np, PIL
from PIL import Image

here = pathlib.Path(__file__).parent
rng = np.random.default_rng(7)
rgb = rng.integers(0, 256, (3, 5, 3), dtype=np.uint8)
rgba = rng.integers(0, 256, (3, 5, 4), dtype=np.uint8)
grey = rng.integers(0, 256, (3, 5), dtype=np.uint8)
wide = rng.integers(0, 65536, (3, 5), dtype=np.uint16)
ramp = np.linspace(0, 255, 16, dtype=np.uint8)
smooth = np.repeat(np.repeat(ramp[None, :, None], 8, 0), 3, 2) // np.array([1, 2, 3], dtype=np.uint8)
out = {"versions": {"python": platform.python_version(), "pillow": PIL.__version__, "numpy": np.__version__}}


def keep(name, array):
    out[name] = {"width": array.shape[1], "height": array.shape[0], "channels": 1 if array.ndim == 2 else array.shape[2], "data": [int(x) for x in array.ravel()]}


Image.fromarray(rgb).save(here / "rgb.png"); keep("rgb.png", rgb)
Image.fromarray(rgba).save(here / "rgba.png"); keep("rgba.png", rgba)
Image.fromarray(grey).save(here / "grey.png"); keep("grey.png", grey)
Image.fromarray(wide).save(here / "grey16.png"); keep("grey16.png", np.rint(wide / 257).astype(np.uint8))
Image.fromarray(wide).save(here / "grey16.tiff"); keep("grey16.tiff", np.rint(wide / 257).astype(np.uint8))
Image.fromarray(rgb).save(here / "rgb.tiff", compression="tiff_lzw"); keep("rgb.tiff", rgb)
Image.fromarray(rgb).save(here / "rgb.webp", lossless=True, exact=True); keep("rgb.webp", rgb)
palette = Image.fromarray(rgb).quantize(4); palette.save(here / "palette.png"); keep("palette.png", np.asarray(palette.convert("RGB")))
bits = Image.fromarray(grey).convert("1"); bits.save(here / "bits.png"); keep("bits.png", np.asarray(bits.convert("L")))
la = np.stack([grey, 255 - grey], -1)
Image.fromarray(la, "LA").save(here / "grey-alpha.png"); keep("grey-alpha.png", np.asarray(Image.fromarray(la, "LA").convert("RGBA")))
exif = Image.Exif(); exif[0x0112] = 6  # displayed rotated by 90 degrees clockwise
Image.fromarray(smooth).save(here / "rotated.jpg", quality=95, subsampling=0, exif=exif)
keep("rotated.jpg", np.rot90(np.asarray(Image.open(here / "rotated.jpg")), -1))
Image.fromarray(smooth[..., 0]).save(here / "grey.jpg", quality=95); keep("grey.jpg", np.asarray(Image.open(here / "grey.jpg")))
wide_rgb = rng.integers(0, 65536, (3, 5, 3), dtype=np.uint16)
big = wide_rgb.astype(">u2").tobytes()  # PIL writes no 16-bit RGB: the PNG is put together by hand
rows = b"".join(b"\0" + big[y * 30 : y * 30 + 30] for y in range(3))
part = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
png = b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", 5, 3, 16, 2, 0, 0, 0)) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b"")
(here / "rgb16.png").write_bytes(png); keep("rgb16.png", np.rint(wide_rgb / 257).astype(np.uint8))
y, x = np.mgrid[0:47, 0:61]
film = np.clip(128 + 60 * np.sin(x / 9) + 50 * np.cos(y / 7) + rng.normal(0, 6, x.shape), 0, 255).astype(np.uint8)
Image.fromarray(film).save(here / "film.png"); keep("film.png", film)
(here / "pixels.json").write_text(json.dumps(out) + "\n")
