from __future__ import annotations

from typing import Any

import pytest

from extractor.finding import ResourceClaim as Claim
from extractor.ledger import Ledger
from extractor.limits import Limits
from extractor.merging.resources import Joined, join_resources
from tests.growth import assert_linear, filled


def join(log: Ledger | None = None, **given_: Any) -> Joined:
    nothing = {"prompt": None, "model": None, "model_hash": None, "vae": None}
    empty: dict[str, Any] = {"claims": [], "hashes": {}, "civitai_resources": []}
    return join_resources(**(nothing | empty | given_), log=log or Ledger())


def test_order() -> None:
    joined = join(
        prompt="<lora:tag:1> <hypernet:net:1>",
        model="dir/m.ckpt",
        model_hash="0xAABBCCDDEE",
        vae="v.pt",
        claims=[
            Claim(type="controlnet", name="canny"),
            Claim(type="lora", name="addnet", after_model=True),
            Claim(type="hypernet", name="old"),
            Claim(type="model", name="refiner", hash="1234567890"),
            Claim(type="model", name="WAI", model_version_id=5),
            Claim(type="lora", name="loader", weight=0.5),
        ],
        hashes={"embed:e": "112233445566", "lora:h": "223344556677", "vae": "3344556677", "refiner": "1234567890"},
        civitai_resources=[{"type": "checkpoint", "modelVersionId": 5}],
    )
    assert joined.resources == [
        Claim(type="lora", name="tag", weight=1),
        Claim(type="hypernet", name="net", weight=1),
        Claim(type="lora", name="loader", weight=0.5),
        Claim(type="lora", name="h", hash="223344556677"),
        Claim(type="model", name="m", hash="aabbccddee"),
        Claim(type="model", name="refiner", hash="1234567890"),
        Claim(type="hypernet", name="old"),
        Claim(type="lora", name="addnet", after_model=True),
        Claim(type="embed", name="e", hash="112233445566"),
        Claim(type="vae", name="v", hash="3344556677"),
        Claim(type="controlnet", name="canny"),
        Claim(type="model", name="WAI", model_version_id=5),
    ]
    assert joined.hashes == {
        "embed:e": "112233445566",
        "lora:h": "223344556677",
        "vae": "3344556677",
        "refiner": "1234567890",
        "model": "aabbccddee",
    }
    assert joined.civitai_resources == [{"type": "checkpoint", "modelVersionId": 5}]


@pytest.mark.parametrize(
    ("given_", "resources"),
    [
        pytest.param(
            {"prompt": "<lora:dir/Fur: wet:0.8>", "hashes": {"lora:fur wet": "112233445566"}},
            [Claim(type="lora", name="Fur: wet", weight=0.8, hash="112233445566")],
            id="tag and hash, by normal name",
        ),
        pytest.param(
            {"prompt": "<lyco:a:1>", "hashes": {"lora:a": "112233445566"}},
            [Claim(type="lycoris", name="a", weight=1, hash="112233445566")],
            id="LyCORIS tag",
        ),
        pytest.param(
            {"prompt": "<lora:a:1>", "hashes": {"embed:a": "112233445566"}},
            [Claim(type="lora", name="a", weight=1), Claim(type="embed", name="a", hash="112233445566")],
            id="same name, other family",
        ),
        pytest.param({"prompt": "<lora:a:1> <lora:A:0.5>"}, [Claim(type="lora", name="a", weight=1)], id="named twice"),
        pytest.param(
            {
                "prompt": "<lora:a>",
                "claims": [
                    Claim(type="lora", name="a.safetensors", weight=0.7, strength_clip=0.6, hash="0x112233445566"),
                    Claim(type="lora", name="a", weight=0.1, hash="999999999999", model_version_id=9),
                ],
            },
            [Claim(type="lora", name="a", weight=0.7, strength_clip=0.6, hash="112233445566", model_version_id=9)],
            id="each value from the first that has it",
        ),
        pytest.param(
            {"claims": [Claim(type="lora", hash="112233445566"), Claim(type="lora", name="a", hash="112233445566")]},
            [Claim(type="lora", name="a", hash="112233445566")],
            id="a name for a bare hash",
        ),
        pytest.param(
            {
                "claims": [
                    Claim(type="lora", name="a", hash="112233445566"),
                    Claim(type="lora", name="b", hash="112233445566"),
                ]
            },
            [Claim(type="lora", name="a", hash="112233445566"), Claim(type="lora", name="b", hash="112233445566")],
            id="two names stay two",
        ),
        pytest.param(
            {"model": "m", "claims": [Claim(type="checkpoint", name="M.safetensors", hash="1234567890")]},
            [Claim(type="model", name="m", hash="1234567890")],
            id="the model again",
        ),
        pytest.param({"model_hash": "1234567890"}, [Claim(type="model", hash="1234567890")], id="model hash alone"),
        pytest.param({"model": "m", "model_hash": "n/a"}, [Claim(type="model", name="m")], id="no real model hash"),
        pytest.param({"vae": "a.pt"}, [Claim(type="vae", name="a")], id="VAE"),
        pytest.param({"vae": "Automatic"}, [], id="no VAE chosen"),
        pytest.param({"vae": "Default (model)"}, [], id="the VAE of the model"),
        pytest.param({"hashes": {"vae": "1234567890"}}, [Claim(type="vae", hash="1234567890")], id="VAE hash alone"),
        pytest.param(
            {"hashes": {"LORA:x": "1234567890", "lora:X": "9999999999", "te": "1111111111", "other:y": "2222222222"}},
            [Claim(type="lora", name="x", hash="1234567890")],
            id="keys of the hashes map",
        ),
        pytest.param({"hashes": {"lora:x": "e3b0c44298fc", "lora:y": "None"}}, [], id="hashes of nothing"),
        pytest.param({"claims": [Claim(type="lora")]}, [], id="a claim of nothing"),
    ],
)
def test_joining(given_: dict[str, Any], resources: list[Claim]) -> None:
    assert join(**given_).resources == resources


FORGES = "bea01d51bd"
"""The beginning of the SHA-256 of ``flux1-dev-bnb-nf4-v2.safetensors``, the name."""


@pytest.mark.parametrize(
    ("model_hash", "claims", "hash"),
    [
        (FORGES, [], FORGES),
        (FORGES, [Claim(type="model", name="flux1-dev-bnb-nf4-v2", hash="1234567890")], "1234567890"),
        (FORGES, [Claim(type="model", name="flux1-dev-bnb-nf4-v2", model_version_id=7)], FORGES),
        ("1234567890", [Claim(type="model", name="flux1-dev-bnb-nf4-v2", hash=FORGES)], "1234567890"),
        ("1234567890", [Claim(type="model", name="flux1-dev-bnb-nf4-v2", hash="0987654321")], "1234567890"),
    ],
)
def test_the_hash_of_a_name_stands_in_nothings_way(model_hash: str, claims: list[Claim], hash: str) -> None:
    log = Ledger()
    joined = join_resources(
        prompt=None,
        model="flux1-dev-bnb-nf4-v2",
        model_hash=model_hash,
        vae=None,
        claims=claims,
        hashes={},
        civitai_resources=[],
        log=log,
    )
    (model,) = joined.resources
    assert (model.hash, joined.hashes) == (hash, {"model": model_hash})
    message = "flux1-dev-bnb-nf4-v2: bea01d51bd is the hash of the file's name, not of the file"
    assert log.items == ([("hash-of-file-name", message)] if model_hash == FORGES else [])


def test_an_air_is_never_a_name() -> None:
    joined = join(
        prompt="<lora:urn:air:sdxl:lora:civitai:5@6:0.4>",
        model="urn:air:sdxl:checkpoint:civitai:1@2",
        civitai_resources=[{"modelVersionId": 6, "type": "lora"}, {"modelVersionId": 6, "weight": 1}],
    )
    assert joined.resources == [
        Claim(type="lora", weight=0.4, model_version_id=6),
        Claim(type="model", model_version_id=2),
    ]
    assert joined.civitai_resources == [
        {"modelVersionId": 6, "type": "lora", "weight": 1},
        {"type": "checkpoint", "modelVersionId": 2},
    ]


def test_claims_are_not_changed() -> None:
    claim = Claim(type="lora", name="dir/a.pt")
    join(claims=[claim], hashes={"lora:a": "112233445566"})
    assert claim == Claim(type="lora", name="dir/a.pt")


def test_number_of_resources_is_bounded() -> None:
    log = Ledger(Limits(resources=2))
    joined = join(log, claims=[Claim(type="lora", name=name) for name in "abc"])
    assert [claim.name for claim in joined.resources] == ["a", "b"]
    assert [warning.code for warning in log.items] == ["limit:resources"]


@pytest.mark.parametrize("repeated", ["<lora:", "<lora:a:", "<lora:a:1>", "<", ">", "<lora:a:te=", "0x", ".pt"])
def test_time_is_linear(repeated: str) -> None:
    def work(text: str) -> None:
        join(prompt=text + ">", model=text, model_hash=text, claims=[Claim(type="lora", name=text, hash=text)])

    assert_linear(work, filled(repeated))
