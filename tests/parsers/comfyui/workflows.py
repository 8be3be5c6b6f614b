"""Graphs as the editor saves them, from few words."""

from __future__ import annotations

from typing import Any

Workflow = dict[str, Any]
Wire = tuple[int | str, int]
"""(node id, output slot)"""


def placed(
    node_id: int | str,
    kind: str,
    wires: dict[str, Wire | None] | None = None,
    values: Any = None,
    /,
    *,
    mode: int = 0,
    types: dict[str, str] | None = None,
    outputs: tuple[str, ...] = (),
    named: tuple[str, ...] = (),
    **more: Any,
) -> Workflow:
    """One node. `wires` are its inputs in order, `named` the inputs that are widgets, `outputs` the types it gives."""
    types = types or {}
    inputs: list[Workflow] = []
    for name, wire in (wires or {}).items():
        entry: Workflow = {"name": name, "type": types.get(name, name.upper()), "link": wire}
        inputs.append(entry | ({"widget": {"name": name}} if name in named else {}))
    inputs += [
        {"name": name, "type": "*", "link": None, "widget": {"name": name}}
        for name in named
        if name not in (wires or {})
    ]
    made = {"id": node_id, "type": kind, "mode": mode, "inputs": inputs}
    made["outputs"] = [{"name": kind, "type": kind} for kind in outputs]
    return made | ({} if values is None else {"widgets_values": values}) | more


def workflow(*nodes: Workflow, as_objects: bool = False, ends: tuple[Wire, ...] = (), **more: Any) -> Workflow:
    """The graph of these nodes; their wires become links. `ends` are what a subgraph gives."""
    links: list[list[Any]] = []

    def link(wire: Wire, target: int | str, slot: int) -> int:
        links.append([len(links) + 1, wire[0], wire[1], target, slot, "*"])
        return len(links)

    drawn = []
    for node in nodes:
        inputs = [
            entry if entry["link"] is None else {**entry, "link": link(entry["link"], node["id"], slot)}
            for slot, entry in enumerate(node["inputs"])
        ]
        drawn.append({**node, "inputs": inputs})
    for slot, wire in enumerate(ends):
        link(wire, -20, slot)
    names = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
    kept: list[Any] = [dict(zip(names, fields, strict=True)) for fields in links] if as_objects else list(links)
    return {"nodes": drawn, "links": kept, "version": 0.4, **more}


def replaced(nodes: list[Workflow], *new: Workflow) -> list[Workflow]:
    """The nodes, those with the ids of `new` ones by them, and what is left of `new` behind."""
    by_id = {node["id"]: node for node in nodes} | {node["id"]: node for node in new}
    return list(by_id.values())


CHECKPOINT = placed(4, "CheckpointLoaderSimple", {}, ["xl/cat.safetensors"], outputs=("MODEL", "CLIP", "VAE"))
POSITIVE = placed(6, "CLIPTextEncode", {"clip": (4, 1)}, ["a cat, "], outputs=("CONDITIONING",))
NEGATIVE = placed(7, "CLIPTextEncode", {"clip": (4, 1)}, ["a dog\n"], outputs=("CONDITIONING",))
LATENT = placed(5, "EmptyLatentImage", {}, [832, 1216, 1], outputs=("LATENT",))
WIRES: dict[str, Wire | None] = {"model": (4, 0), "positive": (6, 0), "negative": (7, 0), "latent_image": (5, 0)}
ROW = [42, "fixed", 20, 7.0, "dpmpp_2m", "karras", 1.0]
SAMPLER = placed(3, "KSampler", WIRES, ROW, outputs=("LATENT",))
DECODE = placed(8, "VAEDecode", {"samples": (3, 0), "vae": (4, 2)}, outputs=("IMAGE",))
SAVE = placed(9, "SaveImage", {"images": (8, 0)}, ["ComfyUI"])
STOCK = [CHECKPOINT, POSITIVE, NEGATIVE, LATENT, SAMPLER, DECODE, SAVE]
"""The workflow that ComfyUI starts with."""


def rewired(node: Workflow, values: Any = None, /, **wires: Wire | None) -> Workflow:
    """A node with inputs wired otherwise (new ones behind), and with other values."""
    known = {entry["name"] for entry in node["inputs"]}
    inputs = [{**entry, "link": wires[entry["name"]]} if entry["name"] in wires else entry for entry in node["inputs"]]
    inputs += [
        {"name": name, "type": "*", "link": wire, "widget": {"name": name}}
        for name, wire in wires.items()
        if name not in known
    ]
    return {**node, "inputs": inputs} | ({} if values is None else {"widgets_values": values})
