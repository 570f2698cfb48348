/** Turns a layer's legend, as the server describes it, into what OpenLayers draws. */
import type { FeatureLike } from "ol/Feature";
import CircleStyle from "ol/style/Circle";
import Fill from "ol/style/Fill";
import type RenderFeature from "ol/render/Feature";
import type ImageStyle from "ol/style/Image";
import RegularShape from "ol/style/RegularShape";
import Stroke from "ol/style/Stroke";
import Style, { type StyleFunction } from "ol/style/Style";
import Text from "ol/style/Text";

import type { Element, Layer, LegendEntry, Theme } from "../lib/service";
import { classOf, entryOf, isArea, isPoint } from "./classes";
import { isHollow, shapeOf, type Shape } from "./symbols";

export const FAMILY =
  '"PingFang SC", "HarmonyOS Sans SC", MiSans, "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

/** Ink of labels and rings. Everything else is coloured by the layer's own definition. */
const INK = "#1c2430";
const RING = "#0b1d33";
const HALO = "rgba(255, 255, 255, 0.92)";
const CLEAR = "rgba(0, 0, 0, 0)";

/** The style of a layer; a theme, if it is this layer's, colours its areas instead. */
export function styleOf(layer: Layer, element: Element, theme: Theme | null): StyleFunction {
  if (isPoint(layer)) return pointStyle(layer);
  if (theme?.layer === layer.id) return themeStyle(theme);
  if (isArea(layer)) return areaStyle(layer, element);
  return lineStyle(layer);
}

function themeStyle(theme: Theme): StyleFunction {
  const line = new Stroke({ color: "#fff", width: 0.7 });
  const styles = theme.colors.map((color) => new Style({ fill: new Fill({ color }), stroke: line }));
  let unknown: Style | null = null;
  return (feature) => {
    const found = styles[classOf(theme.breaks, feature.get(theme.color_by))];
    unknown ??= found ? null : new Style({ fill: new Fill({ color: hatch() }), stroke: line });
    return found ?? unknown ?? [];
  };
}

/** Ground without a value is hatched, so that nobody takes it for a zero. */
function hatch(): CanvasPattern | string {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  if (!pen) return "#eceae4";
  pen.fillStyle = "#f3f1ea";
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = "#b9b5a8";
  pen.beginPath();
  for (const start of [-8, 0, 8]) {
    pen.moveTo(start, 8);
    pen.lineTo(start + 8, 0);
  }
  pen.stroke();
  return pen.createPattern(tile, "repeat") ?? "#eceae4";
}

function areaStyle(layer: Layer, element: Element): StyleFunction {
  const { style } = layer;
  const outlined = element === "borders" || style.symbol === "line";
  const edge = style.outline ?? (outlined ? style.color : null);
  return byZoom(WIDTHS, (share) => {
    const stroke = edge ? strokeOf(edge, (style.width ?? 1) * share, style.dash) : undefined;
    const paint = (color: string): Style =>
      new Style({ fill: new Fill({ color: outlined ? CLEAR : color }), ...(stroke ? { stroke } : {}) });
    return byEntry(layer, (entry) => paint(entry?.color ?? style.color ?? CLEAR));
  });
}

/** A value that holds below a zoom. */
type Step = readonly [below: number, value: number];

/** Share of a line's width by zoom: seen from afar, borders would otherwise cover what they bound. */
const WIDTHS: readonly Step[] = [[10.2, 0.4], [11.5, 0.65], [Infinity, 1]];

/** Radius of symbols by zoom: over a whole county they are specks that leave the shading to be read. */
const RADII: readonly Step[] = [[9.7, 1.3], [10.8, 1.8], [12, 3], [13.5, 4.2], [15, 5.5], [Infinity, 7.5]];

function byZoom(steps: readonly Step[], make: (value: number) => StyleFunction): StyleFunction {
  const made = steps.map(([below, value]) => ({ below, style: make(value) }));
  return (feature, resolution) => {
    const zoom = Math.log2(156_543.034 / resolution);
    return made.find(({ below }) => zoom < below)?.style(feature, resolution);
  };
}

function lineStyle(layer: Layer): StyleFunction {
  const { style } = layer;
  const width = style.width ?? 1.5;
  // A layer of rivers and lakes alike: a line ignores the fill, an area has both.
  const mixed = layer.geometry === "Geometry";
  const drawn = (share: number, entry?: LegendEntry): Style | Style[] => {
    const color = entry?.color ?? style.color ?? INK;
    const fill = mixed ? { fill: new Fill({ color }) } : {};
    const line = new Style({ stroke: strokeOf(color, width * share, style.dash), zIndex: 1, ...fill });
    if (!style.outline) return line;
    return [new Style({ stroke: strokeOf(style.outline, (width + 1.6) * share), zIndex: 0 }), line];
  };
  const draw = byZoom(WIDTHS, (share) => byEntry(layer, (entry) => drawn(share, entry)));
  return withNames(layer, draw, (feature, name) =>
    feature.getType().endsWith("LineString") ? textStyle(name, "11px", { placement: "line" }) : null,
  );
}

/** Write the layer's names beside what it draws, from the zoom it says. */
function withNames(
  layer: Layer,
  draw: StyleFunction,
  write: (feature: RenderFeature, name: string) => Style | null,
): StyleFunction {
  const { text, text_zoom } = layer.style;
  if (!text) return draw;
  const resolution_m = 156_543.034 / 2 ** (text_zoom ?? 16);
  return (feature, resolution) => {
    const drawn = draw(feature, resolution);
    const name = String(feature.get(text) ?? "");
    if (resolution > resolution_m || !drawn || !name) return drawn;
    const named = write(feature as RenderFeature, name);
    if (!named) return drawn;
    return Array.isArray(drawn) ? [...drawn, named] : [drawn, named];
  };
}

function pointStyle(layer: Layer): StyleFunction {
  const { style } = layer;
  const draw = byZoom(RADII, (radius) =>
    byEntry(layer, (entry) => {
      const color = entry?.color ?? style.color ?? INK;
      return new Style({ image: imageOf(shapeOf(entry?.shape ?? style.shape), color, radius) });
    }),
  );
  return withNames(layer, draw, (_feature, name) => textStyle(name, "12px", { offsetY: 16 }));
}

/** Make the styles of a legend once; give each feature the one of its entry. */
function byEntry(layer: Layer, make: (entry?: LegendEntry) => Style | Style[]): StyleFunction {
  const { style } = layer;
  const entries = (style.legend ?? []).map(make);
  const other = make();
  if (!style.color_by) return () => entries[0] ?? other;
  return (feature: FeatureLike) => entries[entryOf(style, (name) => feature.get(name))] ?? other;
}

function strokeOf(color: string, width: number, dash?: number[] | null): Stroke {
  return new Stroke({ color, width, lineJoin: "round", ...(dash ? { lineDash: dash } : {}) });
}

function imageOf(shape: Shape, color: string, radius: number): ImageStyle {
  if (radius < 2.5) return new CircleStyle({ radius, fill: new Fill({ color }), declutterMode: "none" });
  const hollow = isHollow(shape);
  const fill = new Fill({ color: hollow ? "#fff" : color });
  const stroke = hollow
    ? strokeOf(color, Math.max(1.6, radius / 2.4), shape === "dashed" ? [3, 2.5] : null)
    : strokeOf("#fff", radius < 5 ? 1 : 1.5);
  const look = { fill, stroke, declutterMode: "none" as const };
  if (shape === "circle") return new CircleStyle({ ...look, radius });
  if (shape === "ring") return new CircleStyle({ ...look, radius: radius - 0.5 });
  if (shape === "triangle") return new RegularShape({ ...look, points: 3, radius: radius * 1.3 });
  if (shape === "diamond") return new RegularShape({ ...look, points: 4, radius: radius * 1.3 });
  return new RegularShape({ ...look, points: 4, radius: radius * 1.25, angle: Math.PI / 4 });
}

export function textStyle(text: string, size: string, place: { offsetY?: number; placement?: "line" } = {}): Style {
  return new Style({
    text: new Text({
      text,
      font: `${size} ${FAMILY}`,
      fill: new Fill({ color: INK }),
      stroke: new Stroke({ color: HALO, width: 3.5 }),
      overflow: true,
      padding: [2, 4, 2, 4],
      ...place,
    }),
  });
}

/** The selected area: a dark ring on a light one, which no colour of a theme can be taken for. */
export const RINGS = [strokeOf(HALO, 7), strokeOf(RING, 4)] as const;

export function ringStyle(stroke: Stroke, isChosen: (feature: FeatureLike) => boolean): StyleFunction {
  const ring = new Style({ stroke });
  return (feature) => (isChosen(feature) ? ring : []);
}

export function markStyle(): Style[] {
  const circle = (radius: number, color: string, width: number) =>
    new Style({
      image: new CircleStyle({ radius, stroke: strokeOf(color, width), fill: new Fill({ color: CLEAR }) }),
    });
  return [circle(13, HALO, 6), circle(13, RING, 3)];
}

export function positionStyle(): Style {
  return new Style({
    image: new CircleStyle({ radius: 7, fill: new Fill({ color: "#155a9c" }), stroke: strokeOf("#fff", 2.5) }),
    stroke: strokeOf("#155a9c", 1.5),
    fill: new Fill({ color: "rgba(21, 90, 156, 0.14)" }),
  });
}
