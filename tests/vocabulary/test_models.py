from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.finding import ResourceClaim as Claim
from extractor.vocabulary.models import (
    clean_hash,
    is_hash_word,
    is_name_hash,
    normal_name,
    prompt_tags,
    strip_hash_prefix,
    strip_model_name,
)


@pytest.mark.parametrize(
    ("tag", "claim"),
    [
        ("<lora:a:0.8>", Claim(type="lora", name="a", weight=0.8)),
        ("<LoRA:a:1>", Claim(type="lora", name="a", weight=1)),
        ("<lora:a>", Claim(type="lora", name="a")),
        ("<lora:a:-0.5>", Claim(type="lora", name="a", weight=-0.5)),
        ("<lora:a:0.8:0.4>", Claim(type="lora", name="a", weight=0.4, strength_clip=0.8)),
        ("<lora:a:0.8:0.4:32>", Claim(type="lora", name="a", weight=0.4, strength_clip=0.8)),
        ("<lora:a:0.8:0.8>", Claim(type="lora", name="a", weight=0.8)),
        ("<lora:a:te=0.4:unet=0.8>", Claim(type="lora", name="a", weight=0.8, strength_clip=0.4)),
        ("<lora:a:unet=0.8:te=0.4>", Claim(type="lora", name="a", weight=0.8, strength_clip=0.4)),
        ("<lora:a:te=0.4>", Claim(type="lora", name="a", weight=0.4)),
        ("<lora:a:0.5:unet=0.8>", Claim(type="lora", name="a", weight=0.8, strength_clip=0.5)),
        ("<lora:a:unet=0.8>", Claim(type="lora", name="a", weight=0.8)),
        *(
            (f"<lora:a:{arguments}>", Claim(type="lora", name="a", weight=1))
            for arguments in (
                *(
                    "1:1:lbw=IN02",
                    "1:lbw=IN02",
                    "1:1:1",
                    "1:ALL",
                    "1:OUTALL",
                    "1:0,0,1",
                    "1:1:0,0,1",
                    "1:lbwe=adaptive",
                ),
                *("1:1:step=5-20", "1:hr", "1:hr=0.5", "1.0:in=0:mid=1:out=0", "1:x=1:lbw=0,0.5,1:stop=5", "1:w=0.5"),
            )
        ),
        *(
            (f"<lora:a:{arguments}>", Claim(type="lora", name="a"))
            for arguments in ("0.8@0,1@0.5", "0,0,1", "1,0,0", "lbw=IN02", "te=x", "0.8@0.2")
        ),
        ("<lora:a:[0.5:1:10]>", Claim(type="lora", name="a")),
        ("<lora:a:[b]:1>", Claim(type="lora", name="a:[b]", weight=1)),
        ("<lora:a::0.7>", Claim(type="lora", name="a", weight=0.7)),
        ("<lora:a:>", Claim(type="lora", name="a")),
        ("<lora:a:0.8@0,1@0.5:0.6>", Claim(type="lora", name="a", weight=0.6)),
        ("<lora:a:0.6:0.8@0,1@0.5>", Claim(type="lora", name="a", strength_clip=0.6)),
        ("<lora:a:b:0.8:lbw=X>", Claim(type="lora", name="a:b", weight=0.8)),
        ("<lora:civitai:5@6:0.4>", Claim(type="lora", name="civitai:5@6", weight=0.4)),
        ("<lora:a:x>", Claim(type="lora", name="a:x")),
        ("<lora:a:b:0.8>", Claim(type="lora", name="a:b", weight=0.8)),
        ("<lora:1:2>", Claim(type="lora", name="1", weight=2)),
        ("<lora:3>", Claim(type="lora", name="3")),
        ("<lora:猫 (x) v1.5:.8>", Claim(type="lora", name="猫 (x) v1.5", weight=0.8)),
        ("<lora:dir\\a/b.safetensors:1>", Claim(type="lora", name="dir\\a/b.safetensors", weight=1)),
        ("<lyco:a:1>", Claim(type="lycoris", name="a", weight=1)),
        ("<hypernet:a:1>", Claim(type="hypernet", name="a", weight=1)),
    ],
)
def test_prompt_tags(tag: str, claim: Claim) -> None:
    assert list(prompt_tags(f"a {tag}, b")) == [claim]


@pytest.mark.parametrize(
    "prompt", ["", "a < b > c", "<lora:>", "<lora", "<lora:a", "<lora:a\n:1>", "<b:c:1>", "lora:a:1"]
)
def test_no_tags(prompt: str) -> None:
    assert list(prompt_tags(prompt)) == []


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("m", "m"),
        ("m.safetensors", "m"),
        ("m.CKPT", "m"),
        ("a/b\\m.pt", "m"),
        ("m.safetensors.pt", "m"),
        (" m .pth ", "m"),
        ("v1.5", "v1.5"),
        ("m.fp16", "m.fp16"),
        ("m.ptx", "m.ptx"),
        ("Serenity.safetensors 🗒️", "Serenity"),
        ("a/m.ckpt ✅ *", "m"),
        ("m.safetensors v2", "m.safetensors v2"),
        ("m 🗒️", "m 🗒️"),
        ("m.safetensors🗒️", "m"),
        ("a/m.safetensors [6ce0161689]", "m"),
        ("m.ckpt [decade]", "m.ckpt [decade]"),
        ("m [6ce0161689]", "m [6ce0161689]"),
        ("m.safetensors_v2", "m.safetensors_v2"),
        ("m.safetensors版", "m.safetensors版"),
        ("a/", "a/"),
        (".pt", ".pt"),
        ("", ""),
        ("x" * 1001 + ".pt", "x" * 1001 + ".pt"),
    ],
)
def test_strip_model_name(name: str, plain: str) -> None:
    assert strip_model_name(name) == plain


@settings(deadline=None, derandomize=True, max_examples=300)
@given(st.text(alphabet=st.sampled_from("am.ptbinPT/\\ \u3000"), max_size=20))
def test_stripping_twice_changes_nothing(name: str) -> None:
    assert strip_model_name(strip_model_name(name)) == strip_model_name(name)


def test_normal_name() -> None:
    assert normal_name("dir/Fur: Wet, v2.SafeTensors") == "fur wet v2"


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        ("ABCDEF12", "abcdef12"),
        (" 0xABCDEF1234 ", "abcdef1234"),
        ("0x0xabcdef", "abcdef"),
        ("blake3:" + "A" * 64, "blake3:" + "a" * 64),
        ("None", None),
        ("NOFILE", None),
        ("", None),
        ("xyz12345", None),
        ("abc", None),
        ("0x", None),
        ("e3b0c44298", None),
        ("E3B0C44298FC", None),
        ("e3b0c44299", "e3b0c44299"),
    ],
)
def test_clean_hash(value: str, cleaned: str | None) -> None:
    assert clean_hash(value) == cleaned


def test_model_hash_is_verbatim_but_for_its_prefix() -> None:
    assert strip_hash_prefix(" 0XABC def ") == "ABC def"
    assert [is_hash_word(word) for word in ("None", "nofile ", "abc")] == [True, True, False]


@pytest.mark.parametrize(
    ("name", "digest", "is_one"),
    [
        ("flux1-dev-bnb-nf4-v2", "bea01d51bd", True),
        ("flux1-dev-bnb-nf4-v2.safetensors", "bea01d51bd", True),
        ("flux1-dev-bnb-nf4-v2", sha256(b"flux1-dev-bnb-nf4-v2.gguf").hexdigest()[:12], True),
        ("flux1-dev-bnb-nf4-v2", "bea01d51b", False),
        ("Flux1-dev-bnb-nf4-v2", "bea01d51bd", False),
        ("flux1-dev-bnb-nf4-v2", "aea01d51bd", False),
        ("\udcff", "bea01d51bd", False),
    ],
)
def test_a_hash_of_the_files_name(name: str, digest: str, is_one: bool) -> None:
    assert is_name_hash(name, digest) is is_one
