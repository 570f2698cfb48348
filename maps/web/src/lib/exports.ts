/** Files made of a layer; why each was wanted stands on the trail. */
import { fetchFile, filled, type File } from "./asking";

export const formats = ["xlsx", "csv", "gpkg", "geojson", "parquet", "shp", "kml"] as const;
export type Format = (typeof formats)[number];

export interface Extract { layer: string; format: Format; where: string; reason: string }

export function exportFile({ layer, format, where, reason }: Extract): Promise<File> {
  return fetchFile("/api/exports", {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "*/*" },
    body: JSON.stringify({ layer, format, reason, ...filled({ where }) }),
  });
}
