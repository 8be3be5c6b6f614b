"""Hostile and odd PNGs: broken chunks, headers that lie, texts in every place."""

from __future__ import annotations

import struct
import zlib

from extractor.errors import CorruptImageError
from tests.hostile.case import Case, Found, Long, Refused
from tests.support import IDAT, IEND, INFOTEXT, SIGNATURE, chunk, ihdr, itext_chunk, png, text_chunk, ztext_chunk

PARAMETERS = text_chunk("parameters", INFOTEXT)
VALUE = (("png:tEXt:parameters", INFOTEXT),)
CAT = Found(raw=VALUE, prompt="a cat")
UNDECODABLE = "pixels-undecodable"
PILLOW_KEYS = (
    *("bbox", "xmp", "exif", "transparency", "icc_profile", "interlace", "dpi", "default_image", "text"),
    "Raw profile type exif",
)
"""Keywords that Pillow mixes up with its own."""
EMPTIED = (b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"tRNS", b"acTL", b"eXIf", b"tEXt", b"zTXt", b"iTXt")


def cat(*codes: str, size: tuple[int, int] = (1, 1), no_hash: str | None = None) -> Found:
    return Found(size=size, raw=VALUE, prompt="a cat", codes=codes, no_hash=no_hash)


def cut(data: bytes, by: int) -> bytes:
    return data[: len(data) - by]


def gibibyte() -> bytes:
    """A stream that inflates to 1 GiB of zeros: one mebibyte, flushed so that it can be repeated."""
    encoder = zlib.compressobj(9)
    stream = encoder.compress(bytes(1 << 20)) + encoder.flush(zlib.Z_FULL_FLUSH)
    header, mebibyte = stream[:2], stream[2:]
    return header + mebibyte * 1024


def with_keyword(key: str) -> bytes:
    return png(text_chunk(key, "\nx\n 1\nzz") + PARAMETERS)


CHUNKS = (
    Case("png_text_before.png", lambda: png(PARAMETERS), CAT),
    Case("png_text_after_idat.png", lambda: png(b"", PARAMETERS), CAT),
    Case("png_text_after_iend.png", lambda: png() + PARAMETERS, CAT),
    Case("png_bad_crc_text.png", lambda: png(text_chunk("parameters", INFOTEXT, crc=1)), cat("bad-crc")),
    Case(
        "png_bad_crc_ihdr.png",
        lambda: png(PARAMETERS, header=cut(ihdr(), 4) + bytes(4)),
        cat("bad-crc", no_hash=UNDECODABLE),
    ),
    Case(
        "png_truncated_idat.png",
        lambda: SIGNATURE + ihdr() + PARAMETERS + struct.pack(">I", 5000) + b"IDATxx",
        cat("truncated", no_hash=UNDECODABLE),
    ),
    Case("png_no_idat.png", lambda: SIGNATURE + ihdr() + PARAMETERS, cat("truncated", no_hash=UNDECODABLE)),
    Case(
        "png_truncated_in_text.png",
        lambda: SIGNATURE + ihdr() + cut(PARAMETERS, 20),
        Found(
            raw=(
                (
                    "png:tEXt:parameters",
                    "a cat\nNegative prompt: dog\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: ",
                ),
            ),
            prompt="a cat",
            codes=("truncated",),
            no_hash=UNDECODABLE,
        ),
    ),
    Case(
        "png_garbage_idat_text_after.png",
        lambda: png(b"", PARAMETERS, pixels=chunk(b"IDAT", b"garbage")),
        cat(no_hash=UNDECODABLE),
    ),
    Case(
        "png_dup_keyword.png",
        lambda: png(PARAMETERS + text_chunk("parameters", "second")),
        Found(raw=(*VALUE, ("png:tEXt:parameters", "second")), codes=("repeated-keyword",), prompt="a cat"),
    ),
    Case(
        "png_dup_text_itxt.png",
        lambda: png(text_chunk("parameters", "latin") + itext_chunk("parameters", "日本".encode())),
        Found(
            raw=(("png:tEXt:parameters", "latin"), ("png:iTXt:parameters", "日本")),
            codes=("repeated-keyword",),
        ),
    ),
    Case(
        "png_utf8_in_text.png",
        lambda: png(text_chunk("parameters", "テスト, é\nSteps: 20, Seed: 1".encode())),
        Found(raw=(("png:tEXt:parameters", "テスト, é\nSteps: 20, Seed: 1"),), prompt="テスト, é"),
    ),
    Case(
        "png_itxt_bad_utf8.png",
        lambda: png(itext_chunk("parameters", b"ok \xff\xfe bad")),
        Found(raw=(("png:iTXt:parameters", "ok \ufffd\ufffd bad"),), codes=("text-invalid",)),
    ),
    Case(
        "png_nul_in_text.png",
        lambda: png(text_chunk("parameters", "a\0b\0c")),
        Found(raw=(("png:tEXt:parameters", "a\0b\0c"),)),
    ),
    Case("png_text_no_nul.png", lambda: png(chunk(b"tEXt", b"parameters")), Found(codes=("png-chunk-invalid",))),
    Case(
        "png_empty_ancillary.png",
        lambda: png(b"".join(chunk(kind, b"") for kind in EMPTIED) + PARAMETERS),
        cat("png-chunk-invalid", "png-chunk-invalid", "png-chunk-invalid", no_hash=UNDECODABLE),
    ),
    Case("png_named.jpg", lambda: png(PARAMETERS), CAT),
    *(
        Case(
            f"png_key_{key.replace(' ', '_')}.png",
            lambda key=key: with_keyword(key),
            Found(
                raw=((f"png:tEXt:{key}", "\nx\n 1\nzz"), *VALUE),
                prompt="a cat",
                codes=("png-profile-invalid",) if " " in key else (),
            ),
        )
        for key in PILLOW_KEYS
    ),
)

HEADERS = (
    Case(
        "png_len_7fffffff.png",
        lambda: SIGNATURE + ihdr() + struct.pack(">I", 0x7FFFFFFF) + b"tEXtparameters\0abc",
        Found(raw=(("png:tEXt:parameters", "abc"),), codes=("truncated",), no_hash=UNDECODABLE),
    ),
    Case(
        "png_len_ffffffff.png",
        lambda: SIGNATURE + ihdr() + struct.pack(">I", 0xFFFFFFFF) + b"tEXtparameters\0abc",
        Found(raw=(("png:tEXt:parameters", "abc"),), codes=("truncated",), no_hash=UNDECODABLE),
    ),
    Case(
        "png_huge_dims.png",
        lambda: png(PARAMETERS, header=ihdr(60_000, 60_000)),
        cat(size=(60_000, 60_000), no_hash="limit:pixels"),
    ),
    Case(
        "png_zero_dims.png",
        lambda: png(PARAMETERS, header=ihdr(0, 1)),
        cat("no-dimensions", size=(0, 1), no_hash=UNDECODABLE),
    ),
    Case(
        "png_bad_colortype.png",
        lambda: png(PARAMETERS, header=ihdr(1, 1, 3, 7)),
        cat("png-header-invalid", no_hash=UNDECODABLE),
    ),
    Case(
        "png_short_ihdr.png",
        lambda: SIGNATURE + chunk(b"IHDR", b"\0\0\0\1") + PARAMETERS + IDAT + IEND,
        cat("png-header-invalid", "no-dimensions", size=(0, 0), no_hash=UNDECODABLE),
    ),
    Case("sig_only.png", lambda: SIGNATURE, Refused(CorruptImageError)),
)

BOMBS = (
    Case(
        "png_zbomb_1g.png",
        lambda: png(chunk(b"zTXt", b"parameters\0\0" + gibibyte())),
        Found(raw=(("png:zTXt:parameters", Long(16 << 20, "\0\0\0\0")),), codes=("limit:text_bytes",)),
    ),
    Case(
        "png_zbomb_itxt_100m.png",
        lambda: png(itext_chunk("workflow", b"[" * (100 << 20), compressed=True)),
        Found(
            raw=(("png:iTXt:workflow", Long(16 << 20, "[[[[")),),
            codes=("limit:text_bytes", "limit:json_bytes"),
        ),
    ),
    Case(
        "png_many_zbombs.png",
        lambda: png(b"".join(ztext_chunk(f"k{number}", b"A" * 1_000_000) for number in range(120))),
        Found(
            raw=(
                *((f"png:zTXt:k{number}", Long(1_000_000, "AAAA")) for number in range(33)),
                ("png:zTXt:k33", Long(520_544, "AAAA")),
            ),
            codes=("limit:text_total_bytes",) * 3,
        ),
    ),
    Case(
        "png_60k_chunks.png",
        lambda: png(b"".join(text_chunk(f"k{number}", "v") for number in range(60_000))),
        Found(
            raw=tuple((f"png:tEXt:k{number}", "v") for number in range(9_999)),
            codes=("limit:chunks", "truncated"),
            no_hash=UNDECODABLE,
        ),
    ),
    Case(
        "png_ztxt_badzlib.png",
        lambda: png(chunk(b"zTXt", b"parameters\0\0notzlib") + text_chunk("x", "y")),
        Found(raw=(("png:zTXt:parameters", ""), ("png:tEXt:x", "y")), codes=("inflate-failed",)),
    ),
    Case(
        "png_ztxt_trunczlib.png",
        lambda: png(chunk(b"zTXt", b"parameters\0\0" + cut(zlib.compress(INFOTEXT.encode() * 50), 20))),
        Found(
            raw=(("png:zTXt:parameters", Long(1_383, "a cat\nNegative prompt: dog\nSteps: 20")),),
            prompt="a cat",
            codes=("truncated",),
        ),
    ),
    Case(
        "png_ztxt_method120.png",
        lambda: png(chunk(b"zTXt", b"parameters\0x" + zlib.compress(INFOTEXT.encode())) + text_chunk("x", "y")),
        Found(raw=(("png:tEXt:x", "y"),), codes=("png-chunk-invalid",)),
    ),
)

PROFILES = (
    Case(
        "png_exif_garbage.png",
        lambda: png(chunk(b"eXIf", b"garbagegarbage") + PARAMETERS),
        cat("exif-invalid"),
    ),
    Case("png_exif_path.png", lambda: png(chunk(b"eXIf", b"../secret.txt")), Found(codes=("exif-invalid",))),
    Case(
        "png_rawprofile_nonhex.png",
        lambda: png(ztext_chunk("Raw profile type exif", b"\nexif\n      20\nzzzzzz\n") + PARAMETERS),
        Found(
            raw=(("png:zTXt:Raw profile type exif", "\nexif\n      20\nzzzzzz\n"), *VALUE),
            prompt="a cat",
            codes=("png-profile-invalid",),
        ),
    ),
)

CASES = (*CHUNKS, *HEADERS, *BOMBS, *PROFILES)
