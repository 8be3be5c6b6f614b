/** BlurHash (https://github.com/woltapp/blurhash), drawn where there is no thumbnail yet. */

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";
const EDGE = 32;

const LINEAR = Float32Array.from({ length: 256 }, (_, value) => {
  const share = value / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
});

function srgb(linear) {
  const share = Math.max(0, Math.min(1, linear));
  return Math.round(255 * (share <= 0.0031308 ? share * 12.92 : 1.055 * share ** (1 / 2.4) - 0.055));
}

/**
 * @param {string} hash
 * @param {number} from
 * @param {number} to not included
 * @returns {number} NaN for digits that are none
 */
function base83(hash, from, to) {
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = DIGITS.indexOf(hash[i]);
    value = digit < 0 ? NaN : value * 83 + digit;
  }
  return value;
}

const signedSquare = (value) => Math.sign(value) * value * value;

/**
 * @param {string} hash
 * @param {number} width
 * @param {number} height
 * @returns {ImageData|null} null for what is no BlurHash
 */
export function decode(hash, width = EDGE, height = EDGE) {
  const size = base83(hash, 0, 1);
  const across = (size % 9) + 1;
  const down = Math.floor(size / 9) + 1;
  if (!(size < 81) || hash.length !== 4 + 2 * across * down) return null;
  const scale = (base83(hash, 1, 2) + 1) / 166;
  const average = base83(hash, 2, 6);
  const factors = [[LINEAR[(average >> 16) & 255], LINEAR[(average >> 8) & 255], LINEAR[average & 255]]];
  for (let i = 1; i < across * down; i++) {
    const value = base83(hash, 4 + i * 2, 6 + i * 2);
    factors.push([Math.floor(value / 361), Math.floor(value / 19) % 19, value % 19].map((n) => signedSquare((n - 9) / 9) * scale));
  }
  if (factors.flat().some(Number.isNaN)) return null;
  return draw(factors, across, width, height);
}

function draw(factors, across, width, height) {
  const image = new ImageData(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const sums = [0, 0, 0];
      factors.forEach((factor, i) => {
        const wave = Math.cos((Math.PI * x * (i % across)) / width) * Math.cos((Math.PI * y * Math.floor(i / across)) / height);
        for (let c = 0; c < 3; c++) sums[c] += factor[c] * wave;
      });
      const at = 4 * (y * width + x);
      for (let c = 0; c < 3; c++) image.data[at + c] = srgb(sums[c]);
      image.data[at + 3] = 255;
    }
  }
  return image;
}

/**
 * @param {HTMLCanvasElement} canvas becomes 32 pixels square; CSS stretches it
 * @param {string} hash
 * @returns {boolean} whether there is something to see
 */
export function paint(canvas, hash) {
  const image = decode(hash);
  if (!image) return false;
  canvas.width = canvas.height = EDGE;
  canvas.getContext("2d").putImageData(image, 0, 0);
  return true;
}
