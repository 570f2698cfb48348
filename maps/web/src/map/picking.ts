/** From what the service found to what a card can show. */
import { itemsPath, quoted, service, type Bounds, type Feature, type Found, type Layer, type LonLat } from "../lib/service";
import type { Picked } from "./board";

/** Which layers may hold a thing of a kind, the fullest first. */
const homes: Record<string, string[]> = {
  center: ["service_centers"],
  household: ["households"],
  address: ["households", "buildings"],
  object: ["objects"],
  parcel: ["parcels"],
  matter: ["open_matters", "matter_history"],
  resident: ["residents", "care_residents"],
};

export async function pickedFeature(found: Found, layers: Layer[]): Promise<Picked | null> {
  const layer = homes[found.kind]?.map((id) => layers.find((one) => one.id === id)).find(Boolean);
  if (!layer) return null;
  const key = layer.fields["code"] ? "code" : layer.fields["number"] ? "number" : null;
  // Residents are known by their number alone.
  const asked = key
    ? first(layer, `${key}=${quoted(found.code)}`)
    : service.feature(layer, found.code).catch(() => null);
  const feature = await asked;
  const bounds = feature ? boundsOf(feature.geometry) : null;
  const at: LonLat | null = bounds ? centerOf(bounds) : found.center;
  if (!at) return null;
  const properties = feature?.properties ?? { code: found.code, name: found.title };
  return { layer, id: feature?.id, code: found.code, at, properties };
}

async function first(layer: Layer, filter: string): Promise<Feature | null> {
  const page = await service.features(itemsPath(layer.items, { filter, limit: 1 })).catch(() => null);
  return page?.features[0] ?? null;
}

export const centerOf = ([west, south, east, north]: Bounds): LonLat => [(west + east) / 2, (south + north) / 2];

/** The box of a GeoJSON geometry, or null when it has no position. */
export function boundsOf(geometry: Feature["geometry"]): Bounds | null {
  const box: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
  const walk = (part: unknown): void => {
    if (!Array.isArray(part)) return;
    const [lon, lat] = part as unknown[];
    if (typeof lon !== "number" || typeof lat !== "number") return part.forEach(walk);
    box[0] = Math.min(box[0], lon);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lon);
    box[3] = Math.max(box[3], lat);
  };
  walk(geometry?.coordinates);
  return Number.isFinite(box[0]) ? box : null;
}
