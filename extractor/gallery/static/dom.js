/** Elements, made from texts that are never markup. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element with properties, attributes and children.
 *
 * A key that is a property of the element is set as such (`textContent`, `onclick`, `hidden`), anything else as an attribute;
 * null and undefined leave it away.
 * @param {string} tag name, and classes after dots: `span.count.muted`
 * @param {Record<string, any>} [given] properties, attributes, and `data` as an object
 * @param {...(Node|string|null|undefined|false)} children strings become text
 * @returns {any} the element
 */
export function el(tag, given = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(given)) {
    if (value === null || value === undefined) continue;
    if (key === "data") Object.assign(element.dataset, value);
    else if (key in element && !key.startsWith("aria") && key !== "list" && key !== "role") element[key] = value;
    else element.setAttribute(key, String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/**
 * @param {string} id
 * @returns {any} the element of this id, which index.html has
 */
export function byId(id) {
  return document.getElementById(id);
}

/**
 * Replaces all children.
 * @param {Element} parent
 * @param {...(Node|string|null|undefined|false)} children
 */
export function fill(parent, ...children) {
  parent.replaceChildren(...children.filter((child) => child !== null && child !== undefined && child !== false));
}

/**
 * An element of SVG.
 * @param {string} name
 * @param {Record<string, string|number>} attributes
 * @param {...Element} children
 */
export function svg(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/**
 * @param {number} n
 * @returns {string} a whole number with its thousands kept apart
 */
export function number(n) {
  return n.toLocaleString("en-US");
}

/**
 * @param {number} n
 * @param {string} one
 * @param {string} [many]
 * @returns {string} "1 picture", "12 pictures"
 */
export function counted(n, one, many = `${one}s`) {
  return `${number(n)} ${n === 1 ? one : many}`;
}

/**
 * @param {(...given: any[]) => void} run
 * @param {number} wait milliseconds of rest before it runs
 * @returns {(...given: any[]) => void}
 */
export function afterRest(run, wait) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...given), wait);
  };
}
