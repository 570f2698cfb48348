/** Shapes that tell a state without colour; the same on the map and in the legend. */
export type Shape = "circle" | "ring" | "triangle" | "diamond" | "square" | "frame" | "dashed";

const names: Record<string, Shape> = {
  "●": "circle",
  circle: "circle",
  dot: "circle",
  "○": "ring",
  ring: "ring",
  circle_outline: "ring",
  "▲": "triangle",
  triangle: "triangle",
  "◆": "diamond",
  "◆!": "diamond",
  diamond: "diamond",
  "■": "square",
  square: "square",
  "□": "frame",
  frame: "frame",
  square_outline: "frame",
  hollow_square: "frame",
  dashed: "dashed",
  square_dashed: "dashed",
  dashed_square: "dashed",
};

export function shapeOf(name: string | null | undefined): Shape {
  return names[name ?? "circle"] ?? "circle";
}

/** Outline of a shape in a box of 20 units, for SVG. Circles are drawn as such. */
export const outlines: Partial<Record<Shape, string>> = {
  triangle: "M10 2.5 18 16.5H2z",
  diamond: "M10 1.5 18.5 10 10 18.5 1.5 10z",
  square: "M3 3h14v14H3z",
  frame: "M3.5 3.5h13v13h-13z",
  dashed: "M3.5 3.5h13v13h-13z",
};

export const isHollow = (shape: Shape): boolean => ["ring", "frame", "dashed"].includes(shape);
