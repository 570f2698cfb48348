/**
 * Names of areas, each written once.
 *
 * A tile holds only its own piece of a village, so drawing the name with the tile
 * would write it in every tile. Here the largest piece seen so far carries it.
 */
import Feature from "ol/Feature";
import { linearRings } from "ol/geom/flat/area";
import Point from "ol/geom/Point";
import VectorLayer from "ol/layer/Vector";
import RenderFeature from "ol/render/Feature";
import VectorSource from "ol/source/Vector";
import type VectorTile from "ol/VectorTile";

import type { Layer } from "../lib/service";
import { textStyle } from "./draw";

interface Spot { name: string; area: number; at: [number, number] }

const SIZES = ["600 14px", "12px", "11px"];

export class Labels {
  readonly layer: VectorLayer;
  private readonly source = new VectorSource<Feature<Point>>();
  private readonly spots = new Map<number, Map<string, Spot>>();
  private shown = -1;

  constructor(
    private readonly described: Layer,
    rank: number,
    isSmallest: boolean,
  ) {
    const from = described.style.text_zoom ?? described.zooms[0];
    const size = SIZES[Math.min(rank, SIZES.length - 1)] ?? "12px";
    this.layer = new VectorLayer({
      source: this.source,
      declutter: true,
      zIndex: 56 - rank,
      minZoom: from - 0.5,
      // Deep inside a township its name says nothing of the place it would stand at.
      ...(isSmallest ? {} : { maxZoom: from + 5.5 }),
      style: (feature) => textStyle(String(feature.get("name")), size),
    });
  }

  learn(tile: VectorTile<RenderFeature>): void {
    const field = this.described.style.text;
    const zoom = tile.tileCoord[0] ?? 0;
    if (!field) return;
    const known = this.spots.get(zoom) ?? new Map<string, Spot>();
    this.spots.set(zoom, known);
    for (const piece of tile.getFeatures() ?? []) {
      const name = String(piece.get(field) ?? "");
      const id = String(piece.getId() ?? name);
      const area = Math.abs(linearRings(piece.getFlatCoordinates(), 0, piece.getEnds() ?? [], 2));
      if (!name || area <= (known.get(id)?.area ?? 0)) continue;
      const [x, y] = piece.getFlatInteriorPoint();
      if (x === undefined || y === undefined) continue;
      known.set(id, { name, area, at: [x, y] });
      if (zoom === this.shown) this.put(id, { name, area, at: [x, y] });
    }
  }

  /** Show the names known from tiles of this zoom; keep the others until there are some. */
  showZoom(zoom: number): void {
    if (zoom === this.shown) return;
    this.shown = zoom;
    const known = this.spots.get(zoom);
    if (!known?.size) return;
    this.source.clear(true);
    this.source.addFeatures([...known].map(([id, spot]) => labelOf(id, spot)));
  }

  private put(id: string, spot: Spot): void {
    const label = this.source.getFeatureById(id);
    if (label instanceof Feature) (label.getGeometry() as Point).setCoordinates(spot.at);
    else this.source.addFeature(labelOf(id, spot));
  }
}

function labelOf(id: string, spot: Spot): Feature<Point> {
  const label = new Feature({ geometry: new Point(spot.at), name: spot.name });
  label.setId(id);
  return label;
}
