"""The canvas and BlurHash again, slowly: plain Python, one pixel and one channel at a time.

Written from the description of the arithmetic, not from the code under test. float32 rounding goes through `struct`.
"""

from __future__ import annotations

import math
import struct

Pixel = tuple[int, int, int, int]
Grid = list[list[Pixel]]
"""Rows of (red, green, blue, alpha)."""


def f32(value: float) -> float:
    return struct.unpack("f", struct.pack("f", value))[0]


def clamp(value: int, low: int, high: int) -> int:
    return min(max(value, low), high)


def canvas_size(width: int, height: int) -> tuple[int, int]:
    if width >= height and width > 64:
        return 64, math.floor(height / width * 64 + 0.5)
    if height > width and height > 64:
        return math.floor(width / height * 64 + 0.5), 64
    return width, height


def premultiply(pixel: Pixel, how: str) -> Pixel:
    """`how`: "NEAREST", "DOWN", "UP", "DONE"."""
    *colours, alpha = pixel
    if how == "DONE":
        return pixel
    if how == "DOWN":
        red, green, blue = (colour * alpha // 255 for colour in colours)
    elif how == "UP":
        red, green, blue = ((colour * alpha + 255) >> 8 for colour in colours)
    else:
        red, green, blue = ((t + (t >> 8)) >> 8 for t in (colour * alpha + 128 for colour in colours))
    return red, green, blue, alpha


def divide(pixel: Pixel) -> Pixel:
    *colours, alpha = pixel
    if not alpha:
        return 0, 0, 0, 0
    unit = f32(1 / 255)
    inverse = f32(1 / f32(alpha * unit))
    red, green, blue = (min(255, round(f32(f32(f32(colour * unit) * inverse) * 255))) for colour in colours)
    return red, green, blue, alpha


def taps(length: int, index: int) -> list[tuple[int, int]]:
    """(sample, weight) of one halved sample on one axis."""
    if length == 1:
        return [(0, 1)]
    if length % 2 == 0:
        return [(2 * index, 1), (2 * index + 1, 1)]
    return [(2 * index, 1), (2 * index + 1, 2), (2 * index + 2, 1)]


def halve(grid: Grid) -> Grid:
    height, width = len(grid), len(grid[0])
    result = []
    for y in range(max(1, height >> 1)):
        row = []
        for x in range(max(1, width >> 1)):
            across, down = taps(width, x), taps(height, y)
            total = sum(weight for _, weight in across) * sum(weight for _, weight in down)
            row.append(
                tuple(
                    sum(grid[v][u][channel] * p * q for u, p in across for v, q in down) // total
                    for channel in range(4)
                )
            )
        result.append(row)
    return result


def mul(first: int, second: int) -> int:
    return (first * second + 0x4000) >> 15


def level_step(full: int, length: int, target: int) -> float:
    """Step 4: from the size after the halvings to the level."""
    return f32(f32(length / full) * f32(1 / f32(target / full)))


def canvas_scale(full: int, level: int, target: int) -> float:
    return f32(target / f32(full * f32(level / full)))


def places(target: int, step: float, end: float | None) -> list[float]:
    """Where each sample lies; from `end` backwards on a mirrored axis."""
    found = [f32(f32(index + 0.5) * step) for index in range(target)]
    return found if end is None else [f32(end - place) for place in found]


def fine_taps(length: int, target: int, step: float, end: float | None) -> list[tuple[int, int, int]]:
    taps = []
    for place in places(target, step, end):
        q = math.floor(f32(f32(65536 * place) + 0.5)) - 32768
        fraction = (q ^ 0x8000) & 0xFFFF
        if fraction >= 0x8000:
            fraction -= 0x10000
        taps.append((clamp(q >> 16, 0, length - 1), clamp((q >> 16) + 1, 0, length - 1), fraction))
    return taps


def fine(grid: Grid, across: list[tuple[int, int, int]], down: list[tuple[int, int, int]]) -> Grid:
    wide = []
    for row in grid:
        cells = []
        for left, right, t in across:
            cells.append(
                tuple(
                    ((mul(t, (b - a) << 7) + ((b + a) << 7) + 1) & 0xFFFF) >> 1
                    for a, b in zip(row[left], row[right], strict=True)
                )
            )
        wide.append(cells)
    result = []
    for top, bottom, t in down:
        result.append(
            [
                tuple(((mul(t, b - a) + (b + a) + 0x80) & 0xFFFF) >> 8 for a, b in zip(upper, lower, strict=True))
                for upper, lower in zip(wide[top], wide[bottom], strict=True)
            ]
        )
    return result


def coarse_rows(length: int, target: int, step: float, end: float | None) -> list[tuple[int, int, int]]:
    taps = []
    for place in places(target, step, end):
        q = (int(place * 2**32) - 2**31) >> 16
        taps.append((clamp(q >> 16, 0, length - 1), clamp((q >> 16) + 1, 0, length - 1), (q >> 12) & 15))
    return taps


def coarse_columns(length: int, target: int, step: float, end: float | None) -> list[tuple[int, int, int]]:
    first = f32(0.5 * step) if end is None else f32(end - f32(0.5 * step))
    start, advance = int(first * 2**32) - 2**31, int((step if end is None else -step) * 2**32)
    taps = []
    for index in range(target):
        q = (start + index * advance) >> 16
        taps.append((clamp(q >> 16, 0, length - 1), clamp((q >> 16) + 1, 0, length - 1), (q >> 12) & 15))
    return taps


def coarse(grid: Grid, across: list[tuple[int, int, int]], down: list[tuple[int, int, int]]) -> Grid:
    result = []
    for top, bottom, fy in down:
        upper, lower = grid[top], grid[bottom]
        row = []
        for left, right, fx in across:
            row.append(
                tuple(
                    (
                        upper[left][c] * (16 - fx) * (16 - fy)
                        + upper[right][c] * fx * (16 - fy)
                        + lower[left][c] * (16 - fx) * fy
                        + lower[right][c] * fx * fy
                    )
                    >> 8
                    for c in range(4)
                )
            )
        result.append(row)
    return result


def up(length: int, level: int) -> int:
    return max(1, (length + 2**level - 1) >> level)


def turn(grid: Grid, orientation: int) -> Grid:
    """Where a stored pixel is shown: EXIF says which edge of the picture row 0 and column 0 are."""
    height, width = len(grid), len(grid[0])
    wide, high = (height, width) if orientation >= 5 else (width, height)
    result = [[(0, 0, 0, 0)] * wide for _ in range(high)]
    for y in range(height):
        for x in range(width):
            right, bottom = width - 1 - x, height - 1 - y
            column, row = {
                1: (x, y),
                2: (right, y),
                3: (right, bottom),
                4: (x, bottom),
                5: (y, x),
                6: (bottom, x),
                7: (bottom, right),
                8: (y, right),
            }[orientation]
            result[row][column] = grid[y][x]
    return result


UNMIRRORED = {2: 1, 3: 1, 4: 1, 5: 5, 6: 5, 7: 5, 8: 5}
"""Orientation -> what is left to do when the mirrored axes were mirrored while they were sampled."""
MIRRORED = {2: (True, False), 3: (True, True), 4: (False, True), 6: (False, True), 7: (True, True), 8: (True, False)}
"""Orientation -> which axes of the stored picture, across and down, run backwards on the canvas."""


def mipmap(grid: Grid, orientation: int, how: str = "NEAREST") -> Grid:
    height, width = len(grid), len(grid[0])
    edge = canvas_size(width, height)
    grid = [[premultiply(pixel, how) for pixel in row] for row in grid]
    level = 0
    if (width, height) != edge:
        while up(width, level + 1) >= edge[0] and up(height, level + 1) >= edge[1]:
            level += 1
    middle = up(width, level), up(height, level)
    if level:
        share = math.sqrt((middle[0] / width) * (middle[1] / height))
        for _ in range(math.floor(max(-math.log2(share) - 0.5, 0) + 0.5)):
            grid = halve(grid)
        have = len(grid[0]), len(grid)
        if have != middle:
            steps = [level_step(*lengths) for lengths in zip((width, height), have, middle, strict=True)]
            grid = fine(grid, *(fine_taps(*axis, None) for axis in zip(have, middle, steps, strict=True)))
    if middle != edge:
        taps = []
        mirrors = MIRRORED.get(orientation, (False, False))
        for full, length, target, mirrored in zip((width, height), middle, edge, mirrors, strict=True):
            scale = canvas_scale(full, length, target)
            step = f32(1 / scale)
            if orientation >= 5:
                taps.append(fine_taps(length, target, step, f32(target / scale) if mirrored else None))
            else:
                taps_of = coarse_rows if taps else coarse_columns
                taps.append(taps_of(length, target, step, f32(target * step) if mirrored else None))
        grid = (fine if orientation >= 5 else coarse)(grid, *taps)
        orientation = UNMIRRORED.get(orientation, 1)
    return turn([[divide(pixel) for pixel in row] for row in grid], orientation)


def bilinear(grid: Grid, orientation: int) -> Grid:
    height, width = len(grid), len(grid[0])
    columns, rows = canvas_size(width, height)
    grid = [[premultiply(pixel, "NEAREST") for pixel in row] for row in grid]

    def taps(length: int, target: int) -> list[tuple[int, int, float]]:
        places = [(index + 0.5) * length / target - 0.5 for index in range(target)]
        return [
            (clamp(math.floor(x), 0, length - 1), clamp(math.floor(x) + 1, 0, length - 1), x - math.floor(x))
            for x in places
        ]

    def mean(a: float, b: float, t: float) -> float:
        return a * (1 - t) + b * t

    result = []
    for top, bottom, ty in taps(height, rows):
        row = []
        for left, right, tx in taps(width, columns):
            upper = [mean(grid[top][left][c], grid[top][right][c], tx) for c in range(4)]
            lower = [mean(grid[bottom][left][c], grid[bottom][right][c], tx) for c in range(4)]
            row.append(divide(tuple(math.floor(mean(a, b, ty) + 0.5) for a, b in zip(upper, lower, strict=True))))
        result.append(row)
    return turn(result, orientation)


DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"


def base83(number: int, length: int) -> str:
    return "".join(DIGITS[number // 83**place % 83] for place in reversed(range(length)))


def linear(value: int) -> float:
    v = value / 255
    return v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4


def srgb(value: float) -> int:
    v = max(0.0, min(1.0, value))
    return math.trunc(v * 12.92 * 255 + 0.5 if v <= 0.0031308 else (1.055 * v ** (1 / 2.4) - 0.055) * 255 + 0.5)


def blurhash(grid: Grid) -> str:
    height, width = len(grid), len(grid[0])
    factors = []
    for j in range(4):
        for i in range(4):
            sums = [0.0, 0.0, 0.0]
            for y in range(height):
                for x in range(width):
                    basis = math.cos(math.pi * i * x / width) * math.cos(math.pi * j * y / height)
                    for channel in range(3):
                        sums[channel] += basis * linear(grid[y][x][channel])
            factors.append([value * (2 if i or j else 1) / (width * height) for value in sums])
    largest = max(max(factor) for factor in factors[1:])
    quantised = clamp(math.floor(largest * 166 - 0.5), 0, 82)
    text = base83(30, 1) + base83(quantised, 1)
    red, green, blue = map(srgb, factors[0])
    text += base83((red << 16) + (green << 8) + blue, 4)
    for factor in factors[1:]:
        shares = [value / ((quantised + 1) / 166) for value in factor]
        r, g, b = (clamp(math.floor(math.copysign(math.sqrt(abs(share)), share) * 9 + 9.5), 0, 18) for share in shares)
        text += base83(r * 361 + g * 19 + b, 2)
    return text
