/** The vector tile layers of a map, one for each layer the server describes. */
import { getUid } from "ol/util";
import MVT from "ol/format/MVT";
import VectorTileLayer from "ol/layer/VectorTile";
import type RenderFeature from "ol/render/Feature";
import VectorTileSource from "ol/source/VectorTile";
import TileState from "ol/TileState";
import { createXYZ } from "ol/tilegrid";
import type VectorTile from "ol/VectorTile";

import { ServiceProblem } from "../lib/asking";
import { service, type Element, type Layer, type MapDescription, type Theme } from "../lib/service";
import { budget } from "../lib/session";
import { isArea, isPoint } from "./classes";
import { styleOf } from "./draw";
import { Labels } from "./labels";

/** Beyond this zoom a tile is enlarged rather than asked anew: its grid is finer than 15 cm. */
const FINEST_TILE = 16;

export interface Drawn {
  described: Layer;
  element: Element;
  tiles: VectorTileLayer;
  labels: Labels | null;
}

export interface Watch {
  loading(tilesUnderWay: number): void;
  failed(layerId: string, failing: boolean): void;
}

export function drawnLayers(map: MapDescription, theme: Theme | null, watch: Watch): Drawn[] {
  const load = tileLoader(watch);
  const ranks = ranksOf(map);
  return map.groups.flatMap((group) =>
    group.layers.map((layer, index) => {
      const rank = ranks.indexOf(layer.id);
      const labels = rank >= 0 ? new Labels(layer, rank, rank === ranks.length - 1) : null;
      const source = sourceOf(layer, load);
      const tiles = new VectorTileLayer({
        source,
        zIndex: heightOf(layer, group.element, map) + index / 100,
        ...zoomsOf(layer),
        declutter: !isArea(layer) && Boolean(layer.style.text),
        visible: layer.visible,
        style: styleOf(layer, group.element, theme),
      });
      if (labels) {
        labels.layer.setVisible(layer.visible);
        source.on("tileloadend", (event) => labels.learn(event.tile as VectorTile<RenderFeature>));
      }
      return { described: layer, element: group.element, tiles, labels };
    }),
  );
}

/** Areas that carry names, the largest first: those named from the lowest zoom. */
function ranksOf(map: MapDescription): string[] {
  const named = map.groups.flatMap((group) => group.layers).filter((layer) => isArea(layer) && layer.style.text);
  const from = (layer: Layer): number => layer.style.text_zoom ?? layer.zooms[0];
  return named.sort((one, other) => from(one) - from(other)).map((layer) => layer.id);
}

/** Zooms of the view in which a layer is drawn; a tile is shown from half a zoom before its own. */
export function zoomsOf(layer: Layer): { minZoom: number; maxZoom?: number } {
  const [from, to] = layer.zooms;
  return { minZoom: from - 0.5, ...(to < 20 ? { maxZoom: to + 0.5 } : {}) };
}

function sourceOf(layer: Layer, load: ReturnType<typeof tileLoader>): VectorTileSource<RenderFeature> {
  const [from, to] = layer.zooms;
  return new VectorTileSource<RenderFeature>({
    format: new MVT<RenderFeature>(),
    url: layer.tiles,
    tileGrid: createXYZ({
      tileSize: 512,
      minZoom: from,
      maxZoom: Math.min(to, Math.max(from, FINEST_TILE)),
    }),
    transition: 0,
    tileLoadFunction: (tile, url) => load(layer.id, tile as VectorTile<RenderFeature>, url),
  });
}

/** Ask tiles through the service, so that a session's end is noticed and failures are counted. */
function tileLoader(watch: Watch) {
  const underWay = new Set<string>();
  /** Layers whose rows are used up for today: asked again, each tile would only be refused. */
  const spent = new Set<string>();
  return (layerId: string, tile: VectorTile<RenderFeature>, url: string): void => {
    const key = getUid(tile);
    tile.setLoader((extent, _resolution, projection) => {
      if (budget.value === null) spent.clear();
      if (spent.has(layerId)) return tile.setState(TileState.ERROR);
      underWay.add(key);
      watch.loading(underWay.size);
      service
        .tile(url)
        .then((bytes) => {
          const read = { extent, featureProjection: projection };
          tile.setFeatures(tile.getFormat().readFeatures(bytes, read));
          watch.failed(layerId, false);
        })
        .catch((error: unknown) => {
          if (error instanceof ServiceProblem && error.code === "budget_spent") spent.add(layerId);
          tile.setState(TileState.ERROR);
          watch.failed(layerId, true);
        })
        .finally(() => {
          underWay.delete(key);
          watch.loading(underWay.size);
        });
    });
  };
}

/** What lies under what: shaded ground, areas, lines, borders, points. */
function heightOf(layer: Layer, element: Element, map: MapDescription): number {
  if (isPoint(layer)) return 40;
  if (map.themes.some((theme) => theme.layer === layer.id)) return 1;
  if (element === "borders") return 30;
  return isArea(layer) ? 10 : 20;
}
