/** What can be known of one grid cell, as much as the reader may see. */
import { ServiceProblem } from "../lib/asking";
import { isHidden } from "../lib/problem";
import { itemsPath, quoted, service, type Cell, type Counts, type Feature, type Layer, type Officer } from "../lib/service";
import { mayAsk } from "../lib/session";
import { boundsOf, centerOf } from "./picking";

export interface KnownCell extends Cell {
  /** Outside the reader's territory, or without a staff role: only what is public. */
  isPublicOnly: boolean;
}

export async function knownCell(code: string, layers: Map<string, Layer>, signal: AbortSignal): Promise<KnownCell> {
  const known = mayAsk(code) ? await ownCell(code, signal) : null;
  const found = known ?? (await publicCell(code, layers, signal));
  if (!found) throw new ServiceProblem(404, "not_found", "");
  return found;
}

async function ownCell(code: string, signal: AbortSignal): Promise<KnownCell | null> {
  try {
    return { ...(await service.cell(code, signal)), isPublicOnly: false };
  } catch (error) {
    if (!isHidden(error)) throw error;
    return null;
  }
}

async function publicCell(code: string, layers: Map<string, Layer>, signal: AbortSignal): Promise<KnownCell | null> {
  const feature = await first(layers.get("grid_cells"), `code=${quoted(code)}`, signal);
  const bounds = feature && boundsOf(feature.geometry);
  if (!feature || !bounds) return null;
  const said = feature.properties;
  const text = (name: string): string => String(said[name] ?? "");
  return {
    code,
    name: text("name"),
    kind: text("kind"),
    village_code: code.slice(0, 12),
    village_name: text("village_name"),
    township_name: null,
    area_m2: 0,
    valid_from: "",
    bounds,
    center: centerOf(bounds),
    officers: await officersOf(code, layers.get("duty_officers"), signal),
    counts: countsOf(said),
    isPublicOnly: true,
  };
}

function countsOf(said: Record<string, unknown>): Counts {
  const number = (name: string): number | null => (typeof said[name] === "number" ? said[name] : null);
  return {
    households: number("households"),
    residents: number("residents"),
    parcels: number("parcels"),
    objects: number("objects"),
    open_matters: number("open_matters"),
  };
}

async function officersOf(code: string, layer: Layer | undefined, signal: AbortSignal): Promise<Officer[]> {
  if (!layer) return [];
  const path = itemsPath(layer.items, { filter: `grid_code=${quoted(code)}`, limit: 10 });
  const page = await service.features(path, signal).catch(() => ({ features: [] }));
  return page.features.map(({ properties }) => ({
    name: String(properties["officer_name"] ?? ""),
    role: String(properties["role"] ?? "officer"),
    phone: typeof properties["public_phone"] === "string" ? properties["public_phone"] : null,
  }));
}

async function first(layer: Layer | undefined, filter: string, signal: AbortSignal): Promise<Feature | null> {
  if (!layer) return null;
  return (await service.features(itemsPath(layer.items, { filter, limit: 1 }), signal)).features[0] ?? null;
}

/** Cells are often named only "3网格": the village's name goes before it then. */
export function cellName({ name, village_name }: { name: string; village_name?: string | null }): string {
  const village = village_name ?? "";
  return village && !name.includes(village.replace(/[村社区]+$/, "")) ? `${village}${name}` : name;
}
