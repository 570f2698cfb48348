import type { Layer, LegendEntry, Style, Theme } from "../lib/service";

export const isPoint = (layer: Layer): boolean => layer.geometry.endsWith("Point");
export const isArea = (layer: Layer): boolean => layer.geometry.endsWith("Polygon");

export interface Class { label: string; color: string }

/** The class a value falls in, or -1 when there is no value or it lies below the first class. */
export function classOf(breaks: readonly number[], value: unknown): number {
  if (typeof value !== "number" || Number.isNaN(value)) return -1;
  let found = -1;
  for (const [index, lower] of breaks.entries()) if (value >= lower) found = index;
  return found;
}

/** Words of the classes: whole numbers never overlap ("1–2", "3–4", "≥5"). */
export function classesOf(theme: Theme): Class[] {
  const whole = theme.breaks.every(Number.isInteger);
  return theme.breaks.map((lower, index) => {
    const next = theme.breaks[index + 1];
    const color = theme.colors[Math.min(index, theme.colors.length - 1)] ?? "";
    if (next === undefined) return { label: `≥${tidy(lower)}`, color };
    const upper = whole ? next - 1 : next;
    if (whole && upper === lower) return { label: tidy(lower), color };
    return { label: `${tidy(lower)}–${whole ? "" : "<"}${tidy(upper)}`, color };
  });
}

const tidy = (value: number): string => value.toLocaleString("en");

/** The legend entry that speaks for a feature, by value or by range. */
export function entryOf(style: Style, properties: (name: string) => unknown): number {
  const legend = style.legend ?? [];
  if (!style.color_by) return legend.length ? 0 : -1;
  const value = properties(style.color_by);
  return legend.findIndex((entry) => covers(entry, value));
}

function covers(entry: LegendEntry, value: unknown): boolean {
  if (entry.value !== undefined && entry.value !== null) {
    return entry.value === value || String(entry.value) === String(value);
  }
  const [min, max] = entry.range ?? [entry.min ?? null, entry.max ?? null];
  if ((min === null && max === null) || typeof value !== "number") return false;
  return (min === null || value >= min) && (max === null || value < max);
}
