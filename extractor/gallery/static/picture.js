/** A whole picture: its BlurHash, then its thumbnail, then itself; a large thumbnail where the browser cannot decode it. */

import { fileAddress, thumbAddress } from "./api.js";
import { paint } from "./blurhash.js";
import { el } from "./dom.js";

const LARGE = 768;
const TYPES = { png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", webp: "image/webp", gif: "image/gif", avif: "image/avif" };

/**
 * @param {any} image the answer of `image/ID`
 * @returns {{frame: HTMLElement, picture: HTMLImageElement}} the frame keeps the proportions before anything has come
 */
export function wholePicture(image) {
  const under = el("canvas.under", { "aria-hidden": "true" });
  const size = image.width && image.height ? { width: image.width, height: image.height } : {};
  const picture = el("img.whole", { alt: image.prompt ? image.prompt.slice(0, 300) : image.name, draggable: true, ...size });
  const frame = el("div.frame", { data: { frame: "" } }, picture);
  if (image.hash && paint(under, image.hash)) picture.before(under);
  const sources = [thumbAddress(image.id, image.v, LARGE), thumbAddress(image.id, image.v)];
  if (image.file?.servable !== false && !image.file?.gone) sources.unshift(fileAddress(image.id));
  const next = () => {
    const source = sources.shift();
    if (source) picture.src = source;
    else frame.classList.add("broken");
  };
  picture.addEventListener("error", next);
  picture.addEventListener("load", () => under.remove());
  picture.addEventListener("dragstart", (event) => dragFile(event, image));
  next();
  return { frame, picture };
}

/** The file itself goes along, for a folder or for a page that takes addresses. */
function dragFile(event, image) {
  const address = new URL(fileAddress(image.id), document.baseURI).href;
  const type = TYPES[image.name.split(".").pop()?.toLowerCase()] ?? "application/octet-stream";
  event.dataTransfer.setData("DownloadURL", `${type}:${image.name.replaceAll(":", "_")}:${address}`);
  event.dataTransfer.setData("text/uri-list", address);
  event.dataTransfer.effectAllowed = "copy";
}
