import { describe, expect, it } from "vitest";

import type { Style, Theme } from "../lib/service";
import { classesOf, classOf, entryOf } from "./classes";

const theme = (breaks: number[]): Theme => ({
  id: "open_matters",
  title: "未结事项",
  layer: "grid_cells",
  color_by: "open_matters",
  breaks,
  colors: ["#a", "#b", "#c", "#d", "#e"],
});

describe("classes of a theme", () => {
  it("names whole numbers without overlap", () => {
    expect(classesOf(theme([0, 1, 2, 3, 5])).map((one) => one.label)).toEqual(["0", "1", "2", "3–4", "≥5"]);
  });

  it("says where a class of fractions ends", () => {
    expect(classesOf(theme([0, 0.5, 1.5]))[1]?.label).toBe("0.5–<1.5");
  });

  it("puts a value in the last class it reaches", () => {
    expect([0, 2, 4, 5, 900].map((value) => classOf([0, 1, 2, 3, 5], value))).toEqual([0, 2, 3, 4, 4]);
  });

  it("has no class for what is withheld", () => {
    expect(classOf([0, 1], undefined)).toBe(-1);
    expect(classOf([0, 1], null)).toBe(-1);
    expect(classOf([5, 10], 3)).toBe(-1);
  });
});

describe("legend entries", () => {
  const style: Style = {
    symbol: "circle",
    color_by: "residents",
    legend: [
      { min: 5, max: 20, label: "5–19", color: "#1" },
      { min: 20, label: "≥20", color: "#2" },
    ],
  };
  const entry = (value: unknown) => entryOf(style, () => value);

  it("finds the range, its end not included", () => {
    expect([entry(5), entry(19), entry(20), entry(3)]).toEqual([0, 0, 1, -1]);
  });

  it("finds a value whatever its type in the tile", () => {
    const byValue: Style = { symbol: "circle", color_by: "kind", legend: [{ value: 1, label: "一", color: "#1" }] };
    expect(entryOf(byValue, () => "1")).toBe(0);
  });
});
