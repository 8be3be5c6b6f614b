from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.readers.blocks.usercomment import decode_user_comment

ENCODINGS = {
    "UNICODE, big-endian": lambda text: b"UNICODE\0" + text.encode("utf-16-be"),
    "UNICODE, little-endian": lambda text: b"UNICODE\0" + text.encode("utf-16-le"),
    "UNICODE with BOM": lambda text: b"UNICODE\0" + b"\xff\xfe" + text.encode("utf-16-le"),
    "UNICODE, really UTF-8": lambda text: b"UNICODE\0" + text.encode(),
    "ASCII, really UTF-8": lambda text: b"ASCII\0\0\0" + text.encode(),
    "eight NULs": lambda text: bytes(8) + text.encode(),
    "no header": lambda text: text.encode(),
}
ORDERS = (False, True)

HIRAGANA = [chr(code) for code in range(0x3042, 0x3094)]
FREQUENT_KANJI = list("日本語文章少女青空髪長目笑顔学校制服海夏花火夜景街光影雨雪風森山川城王国剣士魔法使猫犬鳥星月太")
CHINESE = list("的一是不了人我在有他这为之大来以个中上们到说国和地也子时道出而要于就下得可你年生会那后能对着事其")
TRADITIONAL = list("個們這來為說國會後對時發學經點當開關過還與現體無電話書畫龍鳳藍綠紅黃顏色風雲飛機車門問間聞")
HANGUL = list("가나다라마바사아자차카타파하고노도로모보소오조초코토포호여자아이머리하늘바다사람소녀눈꽃별달")
CYRILLIC = list("абвгдежзийклмнопрстуфхцчшщъыьэюяАБВГДЕЖЗИ")
EMOJI = [chr(code) for code in (*range(0x1F300, 0x1F650), *range(0x1F680, 0x1F6C6), *range(0x1F900, 0x1FA00))]
ASCII = [chr(code) for code in range(0x21, 0x7F)]

SCRIPTS = st.sampled_from(
    [HIRAGANA + FREQUENT_KANJI, CHINESE, TRADITIONAL, HANGUL, CYRILLIC, EMOJI, ASCII, FREQUENT_KANJI + EMOJI]
)


@st.composite
def long_text(draw: st.DrawFn) -> str:
    return "".join(draw(st.lists(st.sampled_from(draw(SCRIPTS)), min_size=20, max_size=120)))


@st.composite
def text_with_ascii(draw: st.DrawFn) -> str:
    """A few characters of another script around a piece of plain English."""
    script = st.lists(st.sampled_from(draw(SCRIPTS)), min_size=1, max_size=12)
    english = draw(st.sampled_from(["a cat", "\nSteps: 20", "1girl, ", "(masterpiece:1.2)", "b1"]))
    return "".join(draw(script)) + english + "".join(draw(script))


@pytest.mark.parametrize("big_endian", ORDERS)
@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(max_examples=60, deadline=None, derandomize=True)
@given(text=long_text() | text_with_ascii())
def test_every_script_in_every_encoding(encoding: str, big_endian: bool, text: str) -> None:
    assert decode_user_comment(ENCODINGS[encoding](text), big_endian) == text


@pytest.mark.parametrize("big_endian", ORDERS)
@pytest.mark.parametrize("encoding", ["UNICODE, big-endian", "UNICODE, little-endian"])
@pytest.mark.parametrize("letter", [*CYRILLIC, "ذ", "ะ", "あ", "の", "日", "가"])
def test_one_letter_again_and_again(letter: str, encoding: str, big_endian: bool) -> None:
    for text in (letter * 20, letter * 18 + CYRILLIC[1] * 2 if letter in CYRILLIC else letter * 20):
        assert decode_user_comment(ENCODINGS[encoding](text), big_endian) == text


@pytest.mark.parametrize("big_endian", ORDERS)
@pytest.mark.parametrize(
    ("script", "length", "most"),
    [
        pytest.param(HIRAGANA + FREQUENT_KANJI, 5, 0.03, id="five characters of Japanese"),
        pytest.param(CHINESE, 5, 0.03, id="five characters of Chinese"),
        pytest.param(EMOJI, 1, 0.04, id="one emoji"),
    ],
)
def test_share_of_short_texts_that_come_out_wrong(
    script: list[str], length: int, most: float, big_endian: bool
) -> None:
    texts = ["".join(script[(at * 7 + 13 * step) % len(script)] for step in range(length)) for at in range(len(script))]
    wrong = sum(
        decode_user_comment(b"UNICODE\0" + text.encode(codec), big_endian) != text
        for text in texts
        for codec in ("utf-16-be", "utf-16-le")
    )
    assert wrong <= most * 2 * len(texts)


@pytest.mark.parametrize(
    ("data", "big_endian", "text"),
    [
        pytest.param(b"", True, "", id="empty"),
        pytest.param(b"UNICODE\0", True, "", id="header alone"),
        pytest.param(b"ASCII\0\0\0" + bytes(20), True, "", id="NULs alone"),
        pytest.param(b"ASCII\0\0\0plain\0\0\0", True, "plain", id="NULs after the text"),
        pytest.param(b"UNICODE\0\0p\0", True, "p", id="odd number of bytes"),
        pytest.param(b"UNICODE\0h\0i\0!", False, "hi", id="half a unit at the end"),
        pytest.param(b"UNICODE\0\0h\0i\0\0\0\0", False, "hi", id="UTF-16 NULs after the text"),
        pytest.param(b"UNICODE\0\xfe\xff\0h\0i", False, "hi", id="big-endian BOM"),
        pytest.param(b"UNICODE\0\xef\xbb\xbfhi", False, "hi", id="UTF-8 BOM"),
        pytest.param(b"unicode\0\0h\0i", False, "hi", id="header in small letters"),
        pytest.param(b"UTF8\0\0\0\0" + "日本".encode(), True, "日本", id="UTF8 header"),
        pytest.param(b"        plain", True, "plain", id="header of blanks"),
        pytest.param(b"ASCII\0\0\0\0h\0i\0 \0t\0h\0e\0r\0e", False, "hi there", id="UTF-16 under ASCII"),
        pytest.param(bytes(8) + "日本語の文章".encode("utf-16-be"), False, "日本語の文章", id="UTF-16 under NULs"),
        pytest.param("a cat, 日本".encode("utf-16-le"), True, "a cat, 日本", id="UTF-16 without a header"),
        pytest.param(bytes(8) + "a 日本".encode()[:-1], True, "a 日", id="UTF-8 cut inside a character"),
        pytest.param(b"Caf\xe9 \xe0 la carte", True, "Café à la carte", id="Latin-1"),
        pytest.param(b"ASCII\0\0\0\xe4\xf6\xfc", True, "äöü", id="Latin-1 of high bytes alone"),
        pytest.param(b"JIS\0\0\0\0\0\x1b$BF|K\\\x1b(B", True, "日本", id="ISO-2022-JP"),
        pytest.param(b"JIS\0\0\0\0\0\x93\xfa\x96{", True, "日本", id="Shift JIS"),
        pytest.param(b"JIS\0\0\0\0\0" + "日本".encode("euc_jp"), True, "日本", id="EUC-JP"),
        pytest.param(b"JIS\0\0\0\0\0plain\0", True, "plain", id="JIS that is ASCII"),
        pytest.param(b"UNICODE\0" + "日本語の文章".encode("utf-16-be"), False, "日本語の文章", id="no zero byte"),
        pytest.param(b"UNICODE\0" + "　夏　海　".encode("utf-16-le"), True, "　夏　海　", id="zero bytes of blanks"),
        pytest.param(b"UNICODE\0" + "あいうえお".encode("utf-16-be"), False, "あいうえお", id="kana that are ASCII"),
        pytest.param(b"UNICODE\0masterpiece\0", True, "masterpiece", id="UTF-8 under UNICODE with its NUL"),
        pytest.param(b"UNICODE\0a short prompt\0\0", True, "a short prompt", id="UTF-8 under UNICODE with NULs"),
        pytest.param(b"UNICODE\0" + "少女a".encode("utf-16-le"), True, "少女a", id="one letter"),
        pytest.param(b"ASCII\0\0\0the first\0the second", True, "the first\0the second", id="a NUL inside stays"),
        pytest.param(b"UNICODE\0\xd8\x3d\0a\0b\0c\0d", True, "\ufffdabcd", id="unpaired surrogate"),
    ],
)
def test_literal(data: bytes, big_endian: bool, text: str) -> None:
    assert decode_user_comment(data, big_endian) == text


@settings(max_examples=300, deadline=None, derandomize=True)
@given(data=st.binary(max_size=80), header=st.sampled_from([b"", b"UNICODE\0", b"ASCII\0\0\0", b"JIS\0\0\0\0\0"]))
def test_any_bytes_give_text_that_can_be_written(data: bytes, header: bytes) -> None:
    for big_endian in ORDERS:
        decode_user_comment(header + data, big_endian).encode()
