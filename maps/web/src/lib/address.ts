import { ref } from "vue";

/** Where the reader is; all of it in the URL's hash, so that a link brings others there. */
export interface Address {
  page: Page;
  query: Record<string, string>;
}

export const pages = ["map", "list", "me", "login", "trail", "alerts"] as const;
export type Page = (typeof pages)[number];

export function parse(hash: string): Address {
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const page = pages.find((known) => known === path) ?? "map";
  return { page, query: Object.fromEntries(new URLSearchParams(search)) };
}

export function write(address: Address): string {
  const kept = Object.entries(address.query).filter(([, value]) => value !== "");
  // Colons and commas are allowed in a fragment and read better than %3A and %2C.
  const search = new URLSearchParams(kept).toString().replace(/%3A/g, ":").replace(/%2C/g, ",");
  return `#/${address.page}${search ? `?${search}` : ""}`;
}

export const address = ref<Address>(parse(typeof location === "undefined" ? "" : location.hash));

export function followAddress(): void {
  window.addEventListener("hashchange", () => {
    address.value = parse(location.hash);
  });
}

/** Go to a page; the browser's back button returns. */
export function go(page: Page, query: Record<string, string>): void {
  const hash = write({ page, query });
  location.hash = hash;
  // At once, not when the event comes: a map still flying would write its own address again.
  address.value = parse(hash);
}

/** Change some of the query where one is, without a step in the browser's history. */
export function amend(changes: Record<string, string>): void {
  const next = { page: address.value.page, query: { ...address.value.query, ...changes } };
  const hash = write(next);
  if (hash === location.hash) return;
  history.replaceState(history.state, "", hash);
  address.value = parse(hash);
}

export interface Place {
  lon: number;
  lat: number;
  zoom: number;
}

/** The map's place as the link gives it, or null if it gives none that makes sense. */
export function placeOf(query: Record<string, string>): Place | null {
  const numbers = [query["x"], query["y"], query["z"]].map((text) => Number.parseFloat(text ?? ""));
  const [lon, lat, zoom] = numbers;
  if (lon === undefined || lat === undefined || zoom === undefined) return null;
  const sound = Math.abs(lon) <= 180 && Math.abs(lat) <= 85 && zoom >= 0 && zoom <= 22;
  return sound ? { lon, lat, zoom } : null;
}

export function placeQuery(place: Place): Record<string, string> {
  return {
    z: place.zoom.toFixed(2).replace(/\.?0+$/, ""),
    x: place.lon.toFixed(5),
    y: place.lat.toFixed(5),
  };
}
