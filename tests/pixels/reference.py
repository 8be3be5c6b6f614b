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


def premultiply(pixel: Pixel, truncate: bool) -> Pixel:
    *colours, alpha = pixel
    if truncate:
        red, green, blue = (colour * alpha // 255 for colour in colours)
    else:
        red, green, blue = ((t + (t >> 8)) >> 8 for t in (colour * alpha + 128 for colour in colours))
    return red, green, blue, alpha


def divide(pixel: Pixel) -> Pixel:
    *colours, alpha = pixel
    if not alpha:
        return 0, 0, 0, 0
    unit = f32(1 / 255)
    inverse = f32(1 / f32(alpha * unit))
    red, green, blue = (round(f32(f32(f32(colour * unit) * inverse) * 255)) for colour in colours)
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


def fine_tap(length: int, target: int, index: int) -> tuple[int, int, int]:
    place = f32((index + 0.5) * f32(length / target))
    q = math.floor(65536 * place + 0.5) - 32768
    fraction = (q ^ 0x8000) & 0xFFFF
    if fraction >= 0x8000:
        fraction -= 0x10000
    return clamp(q >> 16, 0, length - 1), clamp((q >> 16) + 1, 0, length - 1), fraction


def fine(grid: Grid, width: int, height: int) -> Grid:
    wide = []
    for row in grid:
        cells = []
        for x in range(width):
            left, right, t = fine_tap(len(row), width, x)
            cells.append(
                tuple(
                    ((mul(t, (b - a) << 7) + ((b + a) << 7) + 1) & 0xFFFF) >> 1
                    for a, b in zip(row[left], row[right], strict=True)
                )
            )
        wide.append(cells)
    result = []
    for y in range(height):
        top, bottom, t = fine_tap(len(grid), height, y)
        result.append(
            [
                tuple(((mul(t, b - a) + (b + a) + 0x80) & 0xFFFF) >> 8 for a, b in zip(upper, lower, strict=True))
                for upper, lower in zip(wide[top], wide[bottom], strict=True)
            ]
        )
    return result


def inverse_scale(length: int, target: int) -> float:
    return f32(1 / f32(target / length))


def coarse(grid: Grid, width: int, height: int) -> Grid:
    rows, columns = len(grid), len(grid[0])
    scale = inverse_scale(columns, width)
    first, step = int(f32(0.5 * scale) * 2**32) - 2**31, int(scale * 2**32)
    result = []
    for y in range(height):
        q = (int(f32((y + 0.5) * inverse_scale(rows, height)) * 2**32) - 2**31) >> 16
        upper = grid[clamp(q >> 16, 0, rows - 1)]
        lower = grid[clamp((q >> 16) + 1, 0, rows - 1)]
        fy = (q >> 12) & 15
        row = []
        for x in range(width):
            q = (first + x * step) >> 16
            left, right = clamp(q >> 16, 0, columns - 1), clamp((q >> 16) + 1, 0, columns - 1)
            fx = (q >> 12) & 15
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


def canvas(grid: Grid, orientation: int, *, truncate: bool = False) -> Grid:
    height, width = len(grid), len(grid[0])
    edge = canvas_size(width, height)
    grid = [[premultiply(pixel, truncate) for pixel in row] for row in grid]
    level = 0
    if (width, height) != edge:
        while up(width, level + 1) >= edge[0] and up(height, level + 1) >= edge[1]:
            level += 1
    if level:
        middle = up(width, level), up(height, level)
        share = math.sqrt((middle[0] / width) * (middle[1] / height))
        for _ in range(math.floor(max(-math.log2(share) - 0.5, 0) + 0.5)):
            grid = halve(grid)
        if (len(grid[0]), len(grid)) != middle:
            grid = fine(grid, *middle)
    if (len(grid[0]), len(grid)) != edge:
        grid = (fine if orientation >= 5 else coarse)(grid, *edge)
    return turn([[divide(pixel) for pixel in row] for row in grid], orientation)


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
