"""Outlines of the node shapes, as convex polygons around their centre."""

from math import cos, pi, sin
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]


def size_around(shape: str, width: float, height: float) -> tuple[float, float]:
    """The size the shape needs so that a text block of this width and height lies inside its outline."""
    match shape:
        case "ellipse":
            return width * 1.18 + 6, height * 1.3
        case "hexagon" | "parallelogram" | "trapezium" | "invtrapezium":
            return width + 2 * _cut(height), height
        case "cds":
            return width + _cut(height), height
    return width, height


def outline(shape: str, width: float, height: float) -> list[Point]:
    """The corners of the shape, clockwise on a page whose y grows downwards, relative to its centre."""
    x, y, cut = width / 2, height / 2, _cut(height)
    match shape:
        case "ellipse":
            return [(x * cos(turn * pi / 18), y * sin(turn * pi / 18)) for turn in range(36)]
        case "hexagon":
            return [(-x, 0), (cut - x, -y), (x - cut, -y), (x, 0), (x - cut, y), (cut - x, y)]
        case "octagon":
            c = min(cut, 7)
            return [(-x, c - y), (c - x, -y), (x - c, -y), (x, c - y), (x, y - c), (x - c, y), (c - x, y), (-x, y - c)]
        case "parallelogram":
            return [(cut - x, -y), (x, -y), (x - cut, y), (-x, y)]
        case "trapezium":
            return [(cut - x, -y), (x - cut, -y), (x, y), (-x, y)]
        case "invtrapezium":
            return [(-x, -y), (x, -y), (x - cut, y), (cut - x, y)]
        case "cds":
            return [(-x, -y), (x - cut, -y), (x, 0), (x - cut, y), (-x, y)]
        case "note":
            c = min(cut, 9)
            return [(-x, -y), (x - c, -y), (x, c - y), (x, y), (-x, y)]
    return [(-x, -y), (x, -y), (x, y), (-x, y)]


def contains(corners: list[Point], point: Point) -> bool:
    """Whether the point lies inside a clockwise convex polygon, or on its border."""
    px, py = point
    sides = zip(corners, corners[1:] + corners[:1], strict=True)
    return all((bx - ax) * (py - ay) >= (by - ay) * (px - ax) for (ax, ay), (bx, by) in sides)


def _cut(height: float) -> float:
    return 0.28 * height
