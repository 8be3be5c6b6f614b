/** The recipe of one picture: prompt, negative, parameters, resources in Civitai's order, and where it was read. */

import { el, number } from "./dom.js";
import { icon } from "./icons.js";
import { marked } from "./marks.js";
import { copy } from "./toast.js";

/**
 * @typedef {object} Surroundings
 * @property {string[]} terms words to mark
 * @property {(filter: string) => string} link address of the view that a filter leads to
 * @property {(resource: any) => string} modelLink address of a model's page
 */

const STATUS = {
  here: "here",
  another: "another file of this name",
  missing: "missing here",
  ambiguous: "several files fit",
  unproven: "not proven",
};

const TYPES = {
  lora: "LoRA", model: "Model", checkpoint: "Checkpoint", embed: "Embedding", embedding: "Embedding", textualinversion: "Embedding",
  hypernet: "Hypernetwork", hypernetwork: "Hypernetwork", vae: "VAE", locon: "LoCon", lycoris: "LyCORIS", dora: "DoRA", controlnet: "ControlNet",
  upscaler: "Upscaler", unet: "UNet", clip: "CLIP",
};

/** Longer values get a line of their own. */
const LONG = 24;

const SAME = { recipe: "Same recipe", seed: "Same seed", loras: "Same LoRAs" };
const COPIES = { infotext: "Infotext", civitai: "Civitai JSON", workflow: "Workflow", args: "Arguments" };

function section(title, body, action = null) {
  return el("section.part", {}, el("div.part-head", {}, el("h3", { textContent: title }), action), body);
}

/** The words of a piece of a prompt as a query; nothing for what has no words, as `<lora:a:1>`. */
function phraseQuery(phrase) {
  if (/^\s*<[^>]*>\s*$/.test(phrase)) return "";
  const words = phrase.replace(/:\s*-?[\d.]+(?=[\])\s]|$)/g, " ").match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  return words.length && words.length <= 12 ? `"${words.join(" ")}"` : "";
}

/**
 * A prompt whose phrases lead to the pictures that have them.
 * @param {string} text
 * @param {Surroundings} around
 */
function promptText(text, around) {
  const pieces = text.split(/([,\n]+)/).map((piece) => {
    const query = phraseQuery(piece);
    const words = marked(piece, around.terms);
    return query ? el("a.phrase", { href: around.link(`q=${encodeURIComponent(query)}`) }, ...words) : el("span", {}, ...words);
  });
  return el("p.prompt", { dir: "auto" }, ...pieces);
}

function prompt(title, text, around) {
  if (text === null || text === undefined) return null;
  const body = text === "" ? el("p.muted", { textContent: "empty" }) : promptText(text, around);
  const button = el(
    "button.icon-button.small", { type: "button", title: `Copy ${title.toLowerCase()}`, "aria-label": `Copy ${title.toLowerCase()}`, onclick: () => copy(text, title) },
    icon("copy"),
  );
  return section(title, body, text !== "" && button);
}

function value(text, filter, around) {
  return filter ? el("a", { href: around.link(filter), title: "Show pictures with this value" }, el("bdi", { textContent: text })) : el("bdi", { textContent: text });
}

function parameters(rows, around) {
  if (!rows?.length) return null;
  const items = rows.map((row) => el(row.value.length > LONG ? "div.wide" : "div", {}, el("dt", { textContent: row.label }), el("dd", {}, value(row.value, row.filter, around))));
  return section("Parameters", el("dl.parameters", {}, ...items));
}

function resource(item, around) {
  const facts = [
    item.weight !== null && item.weight !== undefined && `weight ${item.weight}`,
    item.strengthClip !== null && item.strengthClip !== undefined && `CLIP ${item.strengthClip}`,
    item.baseModel,
    item.modelVersionId && `version ${item.modelVersionId}`,
    item.from === "models" && "from the model library",
  ];
  const status = item.status && item.status !== "here"
    ? el("span", { className: `status status-${item.status}`, textContent: STATUS[item.status] ?? item.status })
    : null;
  return el(
    "li", {},
    el("span.resource-type", { textContent: TYPES[item.type?.toLowerCase()] ?? item.type ?? "Resource" }),
    el("span.resource-name", {}, value(item.name ?? item.hash ?? "unnamed", item.filter, around), status),
    item.info && el("a.icon-button.small", { href: around.modelLink(item), title: "Facts of this model", "aria-label": `Facts of ${item.name ?? item.hash}` }, icon("info")),
    el("span.resource-facts", {}, facts.filter(Boolean).join(" · "), item.hash && el("code", { textContent: item.hash })),
  );
}

function resources(items, around) {
  if (!items?.length) return null;
  return section("Resources", el("ul.resources", {}, ...items.map((item) => resource(item, around))));
}

/**
 * @param {any} image
 * @param {Surroundings} around
 * @returns {HTMLElement|null} links to pictures of the same recipe, seed or LoRAs
 */
export function sameLinks(image, around) {
  const links = Object.entries(image.same ?? {})
    .filter(([, same]) => same && same.count > 1)
    .map(([kind, same]) => el("a.chip", { href: around.link(same.filter) }, SAME[kind] ?? kind, el("span.count", { textContent: number(same.count) })));
  return links.length ? el("p.same", {}, ...links) : null;
}

/** @param {any} image @returns {HTMLElement|null} */
export function copyButtons(image) {
  const buttons = Object.entries(COPIES)
    .filter(([kind]) => typeof image.copies?.[kind] === "string")
    .map(([kind, name]) => el("button.button", { type: "button", onclick: () => copy(image.copies[kind], name) }, name));
  return buttons.length ? el("div.copies", { role: "group", "aria-label": "Copy as" }, el("span.copies-label", {}, icon("copy"), "Copy"), ...buttons) : null;
}

function warnings(items) {
  if (!items?.length) return null;
  const rows = items.map((item) => el("li", {}, icon("warning"), el("span", {}, el("b", { textContent: item.code }), " ", item.message ?? "")));
  return section("Warnings", el("ul.warnings", {}, ...rows));
}

function sources(items) {
  if (!items?.length) return null;
  const rows = items.map((item) => el("li", {}, el("b", { textContent: item.kind ?? "" }), item.place ? ` · ${item.place}` : ""));
  return section("Read from", el("ul.sources", {}, ...rows));
}

/**
 * @param {any} image the answer of `image/ID` or `read`
 * @param {Surroundings} around
 * @returns {Node[]}
 */
export function recipe(image, around) {
  const parts = [
    prompt("Prompt", image.prompt, around),
    prompt("Negative prompt", image.negativePrompt, around),
    parameters(image.parameters, around),
    resources(image.resources, around),
  ].filter(Boolean);
  const nothing = parts.length ? null : el("p.empty-note", { textContent: "No generation data was found in this file." });
  return [copyButtons(image), sameLinks(image, around), nothing, ...parts, warnings(image.warnings), sources(image.sources)].filter(Boolean);
}
