/** What the maps are drawn from: the requests, and the shape of their answers. */

import { ask, query, reach, send } from "./asking";

export type Element = "people" | "land" | "objects" | "matters" | "borders";
export type Bounds = [west: number, south: number, east: number, north: number];
export type LonLat = [lon: number, lat: number];

export interface MapName { id: string; title: string; title_en?: string | null; about?: string }

export interface Field {
  title: string;
  title_en?: string | null;
  type: string;
  unit?: string | null;
  /** What coded values mean, by value. */
  labels?: Record<string, string>;
  /** Personal: in items and on cards, never in a tile. */
  private?: boolean;
}

export interface LegendEntry {
  value?: string | number | boolean | null;
  range?: [number | null, number | null];
  min?: number | null;
  max?: number | null;
  label: string;
  label_en?: string | null;
  color: string;
  shape?: string | null;
}

export interface Style {
  symbol: string;
  color?: string | null;
  width?: number | null;
  dash?: number[] | null;
  outline?: string | null;
  color_by?: string | null;
  legend?: LegendEntry[];
  text?: string | null;
  text_zoom?: number | null;
  shape?: string | null;
}

export interface Layer {
  id: string;
  title: string;
  title_en?: string | null;
  about?: string;
  geometry: string;
  zooms: [number, number];
  visible: boolean;
  tiles: string;
  items: string;
  fields: Record<string, Field>;
  style: Style;
}

export interface Theme {
  id: string;
  title: string;
  title_en?: string | null;
  layer: string;
  color_by: string;
  unit?: string | null;
  breaks: number[];
  colors: string[];
}

export interface Group { element: Element; title: string; layers: Layer[] }

export interface MapDescription extends MapName {
  center: LonLat;
  zoom: number;
  bounds: Bounds;
  tools: string[];
  themes: Theme[];
  groups: Group[];
  attribution: string;
}

export interface Officer { name: string; role: string; phone?: string | null }

export interface Counts {
  households: number | null;
  residents: number | null;
  care_residents?: number | null;
  parcels: number | null;
  objects: number | null;
  open_matters: number | null;
  overdue_matters?: number | null;
}

export interface Cell {
  code: string;
  name: string;
  kind: string;
  village_code: string;
  village_name: string | null;
  township_name: string | null;
  area_m2: number;
  valid_from: string;
  bounds: Bounds;
  center: LonLat;
  officers: Officer[];
  counts: Counts;
}

export interface Found {
  kind: string;
  code: string;
  title: string;
  subtitle?: string | null;
  center: LonLat | null;
  bounds?: Bounds | null;
}

export interface Touched { code: string; name: string; village_name?: string | null; distance_m: number; officers?: Officer[] }

export interface Location {
  place: { township_name?: string | null; village_name?: string | null } | null;
  cell: Touched | null;
  touches: Touched[];
  within_county: boolean;
}

export interface SummaryRow extends Counts { code: string; name: string | null }
export interface Summary { by: string; rows: SummaryRow[]; totals: Counts }

export interface Feature {
  id?: string | number;
  geometry: { type: string; coordinates: unknown } | null;
  properties: Record<string, unknown>;
}

export interface FeaturePage {
  features: Feature[];
  numberReturned?: number;
  links?: { rel: string; href: string }[];
}

/** Fields to show people: numbers by which tables find each other say nothing to them. */
export function shownFields(layer: Layer): [name: string, field: Field][] {
  return Object.entries(layer.fields).filter(([name]) => !name.endsWith("_id"));
}

/** A string as CQL2 text writes it. */
export const quoted = (text: string): string => `'${text.replace(/'/g, "''")}'`;

/** Links of a page may name the host the server believes it has; only the path is ours. */
export function ownPath(href: string, base = window.location.href): string {
  const url = new URL(href, base);
  return url.pathname + url.search;
}

export function nextOf(page: FeaturePage): string | null {
  const next = page.links?.find((link) => link.rel === "next");
  return next ? ownPath(next.href) : null;
}

export function itemsPath(items: string, values: Record<string, string | number>): string {
  return `${items}?${query(values)}`;
}

export const service = {
  maps: () => ask<MapName[]>("/api/maps"),
  map: (id: string) => ask<MapDescription>(`/api/maps/${encodeURIComponent(id)}`).then(withShapes),
  /** In a body: what is typed may be the number of a person, and addresses are logged. */
  search: (q: string, signal: AbortSignal) =>
    send<{ results: Found[] }>("POST", "/api/search", { q, limit: 12 }, signal),
  cell: (code: string, signal?: AbortSignal) =>
    ask<Cell>(`/api/grid/cells/${encodeURIComponent(code)}`, signal),
  location: (lon: number, lat: number, accuracy_m: number) =>
    ask<Location>(`/api/grid/location?${query({ lon, lat, accuracy_m })}`),
  summary: (by: string, within: string, signal?: AbortSignal) =>
    ask<Summary>(`/api/query/summary?${query({ by, within })}`, signal),
  features: (path: string, signal?: AbortSignal) => ask<FeaturePage>(path, signal),
  feature: (layer: Layer, id: string | number, signal?: AbortSignal) =>
    ask<Feature>(`${layer.items}/${encodeURIComponent(String(id))}`, signal),
  tile: async (path: string): Promise<ArrayBuffer> => {
    const answer = await reach(path, { headers: { Accept: "application/vnd.mapbox-vector-tile" } });
    return answer.status === 204 ? new ArrayBuffer(0) : answer.arrayBuffer();
  },
};

/** An entry without a shape of its own has its layer's. */
function withShapes(map: MapDescription): MapDescription {
  for (const { style } of map.groups.flatMap((group) => group.layers)) {
    for (const entry of style.legend ?? []) entry.shape ??= style.shape ?? null;
  }
  return map;
}
