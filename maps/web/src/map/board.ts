/** The map on the screen: one OpenLayers map, driven by what the server describes. */
import { defaults as defaultControls } from "ol/control/defaults";
import ScaleLine from "ol/control/ScaleLine";
import type { Coordinate } from "ol/coordinate";
import { buffer, getCenter } from "ol/extent";
import type { FeatureLike } from "ol/Feature";
import Feature from "ol/Feature";
import { defaults as defaultInteractions } from "ol/interaction/defaults";
import Circle from "ol/geom/Circle";
import Point from "ol/geom/Point";
import VectorLayer from "ol/layer/Vector";
import VectorTileLayer from "ol/layer/VectorTile";
import OlMap from "ol/Map";
import { fromLonLat, toLonLat, transformExtent } from "ol/proj";
import VectorSource from "ol/source/Vector";
import View from "ol/View";

import type { Place } from "../lib/address";
import type { Bounds, Layer, LonLat, MapDescription, Theme } from "../lib/service";
import { isPoint } from "./classes";
import { markStyle, positionStyle, RINGS, ringStyle, styleOf } from "./draw";
import { drawnLayers, type Drawn, zoomsOf } from "./layers";

export const CELLS = "grid_cells";

/** Layers whose areas are selected by their code. */
const CHOSEN_BY_CODE = [CELLS, "villages", "townships"];

export interface Picked { layer: Layer; id: string | number | undefined; code: string; at: LonLat; properties: Record<string, unknown> }

export interface Hooks {
  cell(code: string): void;
  feature(picked: Picked): void;
  nothing(at: LonLat): void;
  moved(place: Place): void;
  loading(tilesUnderWay: number): void;
  failed(layerId: string, failing: boolean): void;
  settled(): void;
}

/** Space covered by panels, clockwise from the top, in CSS pixels. */
export type Padding = [top: number, right: number, bottom: number, left: number];

const WEB = "EPSG:3857";

export class MapBoard {
  readonly drawn: Drawn[];
  private readonly map: OlMap;
  private readonly view: View;
  private readonly rings: VectorTileLayer[];
  private readonly marks = new VectorSource();
  private readonly position = new VectorSource();
  private chosen = "";

  constructor(
    target: HTMLElement,
    private readonly described: MapDescription,
    private readonly hooks: Hooks,
    theme: Theme | null,
  ) {
    this.drawn = drawnLayers(described, theme, hooks);
    this.rings = this.ringLayers();
    this.view = new View({
      center: fromLonLat(described.center),
      zoom: described.zoom,
      minZoom: 7,
      maxZoom: 20,
      extent: buffer(transformExtent(described.bounds, "EPSG:4326", WEB), 60_000),
      showFullExtent: true,
      enableRotation: false,
    });
    this.map = new OlMap({
      target,
      view: this.view,
      // More than two device pixels cost a phone half its speed and show nothing more.
      pixelRatio: Math.min(window.devicePixelRatio || 1, 2),
      controls: defaultControls({ zoom: false, attribution: false, rotate: false }).extend([
        new ScaleLine({ minWidth: 72 }),
      ]),
      interactions: defaultInteractions({ altShiftDragRotate: false, pinchRotate: false }),
      layers: [
        ...this.drawn.map((one) => one.tiles),
        ...this.drawn.flatMap((one) => (one.labels ? [one.labels.layer] : [])),
        ...this.rings,
        new VectorLayer({ source: this.marks, style: markStyle(), zIndex: 61 }),
        new VectorLayer({ source: this.position, style: positionStyle(), zIndex: 62 }),
      ],
    });
    this.listen();
  }

  private listen(): void {
    this.map.on("singleclick", (event) => this.pickAt(event.pixel, event.coordinate));
    this.map.on("moveend", () => {
      this.showLabels();
      this.hooks.moved(this.place());
    });
    this.map.on("rendercomplete", () => this.hooks.settled());
    this.view.on("change:resolution", () => this.showLabels());
  }

  /** Each ring is a layer of its own: drawn together, the light one of the next tile would cut the dark one. */
  private ringLayers(): VectorTileLayer[] {
    return this.drawn.flatMap(({ described, tiles }) => {
      const source = tiles.getSource();
      if (!source || !CHOSEN_BY_CODE.includes(described.id)) return [];
      return RINGS.map(
        (stroke, index) =>
          new VectorTileLayer({
            source,
            renderMode: "vector",
            zIndex: 38 + index / 10,
            ...zoomsOf(described),
            visible: false,
            style: ringStyle(stroke, (feature) => feature.get("code") === this.chosen),
          }),
      );
    });
  }

  private showLabels(): void {
    const resolution = this.view.getResolution() ?? 1;
    for (const { labels, tiles } of this.drawn) {
      const source = tiles.getSource();
      const zoom = source?.getTileGrid()?.getZForResolution(resolution, source.zDirection);
      if (labels && zoom !== undefined) labels.showZoom(zoom);
    }
  }

  /** What a click means: the symbol under it, else the cell, else nothing. */
  private pickAt(pixel: number[], coordinate: Coordinate): void {
    const touch = window.matchMedia("(pointer: coarse)").matches;
    const points = new Map(this.drawn.filter((one) => isPoint(one.described)).map((one) => [one.tiles, one.described]));
    let hit: Picked | null = null;
    let cell = "";
    this.map.forEachFeatureAtPixel(
      pixel,
      (feature, layer) => {
        const described = points.get(layer as VectorTileLayer);
        if (described) hit = this.pickedFrom(feature, described);
        return described !== undefined;
      },
      { hitTolerance: touch ? 12 : 5, layerFilter: (layer) => points.has(layer as VectorTileLayer) },
    );
    if (hit) return this.hooks.feature(hit);
    const cells = this.drawn.find((one) => one.described.id === CELLS)?.tiles;
    this.map.forEachFeatureAtPixel(pixel, (feature) => (cell ||= String(feature.get("code") ?? "")), {
      layerFilter: (layer) => layer === cells,
    });
    if (cell) this.hooks.cell(cell);
    else this.hooks.nothing(toLonLat(coordinate) as LonLat);
  }

  private pickedFrom(feature: FeatureLike, layer: Layer): Picked {
    const extent = feature.getGeometry()?.getExtent() ?? [0, 0, 0, 0];
    const { geometry: _geometry, ...properties } = feature.getProperties();
    return {
      layer,
      id: feature.getId(),
      code: String(feature.get("code") ?? ""),
      at: toLonLat(getCenter(extent as number[])) as LonLat,
      properties,
    };
  }

  pickCenter(): void {
    const center = this.view.getCenter();
    const pixel = center && this.map.getPixelFromCoordinate(center);
    if (center && pixel) this.pickAt(pixel, center);
  }

  setTheme(theme: Theme | null): void {
    for (const one of this.drawn) one.tiles.setStyle(styleOf(one.described, one.element, theme));
  }

  setVisible(layerId: string, visible: boolean): void {
    const one = this.drawn.find((drawn) => drawn.described.id === layerId);
    one?.tiles.setVisible(visible);
    one?.labels?.layer.setVisible(visible);
  }

  /** Whether anything of a layer is drawn in the part of the world in view. */
  isEmpty(layerId: string): boolean {
    const one = this.drawn.find((drawn) => drawn.described.id === layerId);
    if (!one?.tiles.getVisible()) return false;
    return one.tiles.getFeaturesInExtent(this.view.calculateExtent(this.map.getSize())).length === 0;
  }

  choose(code: string): void {
    this.chosen = code;
    for (const ring of this.rings) {
      ring.setVisible(code !== "");
      ring.changed();
    }
  }

  mark(at: LonLat | null): void {
    this.marks.clear();
    if (at) this.marks.addFeature(new Feature(new Point(fromLonLat(at))));
  }

  showPosition(at: LonLat, accuracy_m: number): void {
    const center = fromLonLat(at);
    // A metre of the web projection is shorter than a metre on the ground by the cosine of the latitude.
    const radius = accuracy_m / Math.cos((at[1] * Math.PI) / 180);
    this.position.clear();
    this.position.addFeatures([new Feature(new Circle(center, radius)), new Feature(new Point(center))]);
  }

  fit(bounds: Bounds, padding: Padding, maxZoom = 17, animate = true): void {
    const extent = transformExtent(bounds, "EPSG:4326", WEB);
    this.view.cancelAnimations();
    this.view.fit(extent, { padding, maxZoom, duration: animate ? this.pace() : 0 });
  }

  /** Bring bounds out from under the panels, coming nearer only if asked. */
  reveal(bounds: Bounds, padding: Padding, maxZoom: number, nearer: boolean): void {
    const [left = 0, bottom = 0, right = 0, top = 0] = transformExtent(bounds, "EPSG:4326", WEB);
    const [width = 0, height = 0] = this.map.getSize() ?? [];
    const corners = [[left, top], [right, bottom]].map((corner) => this.map.getPixelFromCoordinate(corner));
    const inside = corners.every(
      (pixel) =>
        pixel &&
        (pixel[0] ?? 0) >= padding[3] - 20 && (pixel[0] ?? 0) <= width - padding[1] + 20 &&
        (pixel[1] ?? 0) >= padding[0] - 20 && (pixel[1] ?? 0) <= height - padding[2] + 20,
    );
    if (nearer || !inside) this.fit(bounds, padding, maxZoom);
  }

  flyTo(at: LonLat, zoom: number, padding: Padding): void {
    this.fit([...at, ...at], padding, Math.max(zoom, this.view.getZoom() ?? 0));
  }

  goTo(place: Place): void {
    this.view.setCenter(fromLonLat([place.lon, place.lat]));
    this.view.setZoom(place.zoom);
  }

  zoomBy(step: number): void {
    const zoom = (this.view.getZoom() ?? this.described.zoom) + step;
    this.view.animate({ zoom, duration: this.pace() / 2 });
  }

  place(): Place {
    const [lon = 0, lat = 0] = toLonLat(this.view.getCenter() ?? [0, 0]);
    return { lon, lat, zoom: this.view.getZoom() ?? 0 };
  }

  bounds(): Bounds {
    return transformExtent(this.view.calculateExtent(this.map.getSize()), WEB, "EPSG:4326") as Bounds;
  }

  /** Ask again for what was not loaded. */
  reload(layerIds: readonly string[]): void {
    for (const one of this.drawn) if (layerIds.includes(one.described.id)) one.tiles.getSource()?.refresh();
  }

  resize(): void {
    this.map.updateSize();
  }

  close(): void {
    this.map.setTarget(undefined);
    this.map.dispose();
  }

  private pace(): number {
    return window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 350;
  }
}
