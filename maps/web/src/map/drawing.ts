/** What the reader has switched on, and what the map says of itself; kept beside the board. */
import { computed, reactive, ref, shallowRef } from "vue";

import type { Place } from "../lib/address";
import type { Layer, MapDescription, Theme } from "../lib/service";
import type { MapBoard } from "./board";

export function useDrawing(map: MapDescription, wantedTheme: string) {
  const board = shallowRef<MapBoard | null>(null);
  const layers: Layer[] = map.groups.flatMap((group) => group.layers);
  const shown = reactive<Record<string, boolean>>(Object.fromEntries(layers.map((layer) => [layer.id, layer.visible])));
  const known = map.themes.some((theme) => theme.id === wantedTheme) || wantedTheme === "none";
  const themeId = ref(known ? wantedTheme : (map.themes[0]?.id ?? "none"));
  const place = ref<Place>({ lon: map.center[0], lat: map.center[1], zoom: map.zoom });
  const underWay = ref(0);
  const empty = ref<ReadonlySet<string>>(new Set());
  const failing = ref<ReadonlySet<string>>(new Set());

  const theme = computed<Theme | null>(() => map.themes.find((one) => one.id === themeId.value) ?? null);
  const inZoom = (layer: Layer): boolean =>
    place.value.zoom > layer.zooms[0] - 0.5 && (layer.zooms[1] >= 20 || place.value.zoom <= layer.zooms[1] + 0.5);
  /** Layers that are on and drawn at this zoom: those the legend speaks of. */
  const drawn = computed(() => layers.filter((layer) => shown[layer.id] && inZoom(layer)));
  const themeDrawn = computed(() =>
    drawn.value.some((layer) => layer.id === theme.value?.layer) ? theme.value : null,
  );

  function show(layerId: string, visible: boolean): void {
    shown[layerId] = visible;
    board.value?.setVisible(layerId, visible);
  }

  function chooseTheme(id: string): void {
    themeId.value = id;
    board.value?.setTheme(theme.value);
  }

  function setFailed(layerId: string, failed: boolean): void {
    if (failing.value.has(layerId) === failed) return;
    const next = new Set(failing.value);
    if (failed) next.add(layerId);
    else next.delete(layerId);
    failing.value = next;
  }

  /** Once everything asked for has come, note which layers have nothing here. */
  function settle(): void {
    const now = board.value;
    if (!now || underWay.value) return;
    const none = drawn.value.filter((layer) => now.isEmpty(layer.id)).map((layer) => layer.id);
    if (none.join() !== [...empty.value].join()) empty.value = new Set(none);
  }

  function reload(): void {
    const again = [...failing.value];
    failing.value = new Set();
    board.value?.reload(again);
  }

  return {
    board, layers, shown, themeId, theme, themeDrawn, place, underWay, empty, failing, drawn,
    show, chooseTheme, setFailed, settle, reload,
  };
}

export type Drawing = ReturnType<typeof useDrawing>;
