/* Draws a map's layers from the data in the page: panel, themes, labels, popups.
   Words from the data are only ever set as text, never as HTML. */
function drawBoard(map, page) {
  // Paths

  const renderer = L.canvas({ padding: 0.3 });
  const layers = page.groups.flatMap((group) => group.layers.map((layer) => ({ ...layer, group })));
  const ranked = [...layers].sort((a, b) => a.rank - b.rank);
  let theme = page.themes[0] || null;

  const isShaded = (layer) => page.themes.some((each) => each.layer === layer.id);

  const lookOf = (layer, index) =>
    theme && theme.layer === layer.id
      ? theme.looks[theme.classes[index]]
      : layer.looks[layer.features[index][1]];

  const swap = (part) => (typeof part[0] === "number" ? [part[1], part[0]] : part.map(swap));

  function pathsOf(layer, feature, index) {
    const [geometry] = feature;
    const look = lookOf(layer, index);
    // Water is drawn by its line; where it is wide, its area is filled.
    const isBody = layer.kind === "line" && geometry.type.endsWith("Polygon");
    const filled = isBody ? { fill: true, fillColor: look.color, fillOpacity: 0.6, weight: 0.7 } : {};
    const options = { ...look, weight: weightOf(look, map.getZoom()), ...filled, renderer, interactive: false };
    const at = swap(geometry.coordinates);
    const made = {
      Point: () => [new Mark(at, { ...options, radius: radiusAt(map.getZoom()) })],
      MultiPoint: () => at.map((each) => new Mark(each, { ...options, radius: 4 })),
      LineString: () => [L.polyline(at, options)],
      MultiLineString: () => [L.polyline(at, options)],
      Polygon: () => [L.polygon(at, options)],
      MultiPolygon: () => [L.polygon(at, options)],
    }[geometry.type]();
    for (const path of made) Object.assign(path, { feature: index, isBody });
    return made;
  }

  for (const layer of layers) {
    layer.paths = layer.features.flatMap((feature, index) => pathsOf(layer, feature, index));
    layer.whole = L.layerGroup(layer.paths);
    layer.isOn = layer.on;
  }

  const inRange = (layer) => {
    const zoom = map.getZoom();
    return zoom >= layer.zooms[0] && zoom <= layer.zooms[1];
  };
  const isDrawn = (layer) => map.hasLayer(layer.whole);

  function refresh() {
    const zoom = map.getZoom();
    let isAdded = false;
    for (const layer of ranked) {
      const wanted = layer.isOn && inRange(layer);
      if (wanted && !isDrawn(layer)) { layer.whole.addTo(map); isAdded = true; }
      else if (!wanted && isDrawn(layer)) layer.whole.remove();
      // What was added late is drawn last: lift everything that belongs above it.
      else if (wanted && isAdded) for (const path of layer.paths) path.bringToFront();
      if (wanted && layer.drawnAt !== stepAt(zoom)) {
        layer.drawnAt = stepAt(zoom);
        for (const path of layer.paths) {
          if (!path.isBody) path.setStyle({ weight: weightOf(lookOf(layer, path.feature), zoom) });
          if (path.setRadius) path.setRadius(radiusAt(zoom));
        }
      }
      layer.row?.classList.toggle("waits", !inRange(layer));
      if (layer.key) layer.key.hidden = !wanted;
      if (layer.told && !layer.note) layer.told.textContent = inRange(layer) ? layer.count : zoom < layer.zooms[0] ? "放大后显示" : "缩小后显示";
    }
    drawLabels();
  }

  // Labels: one by one while there is room

  const words = L.layerGroup().addTo(map);
  map.createPane("words").style.zIndex = 620;

  function drawLabels() {
    words.clearLayers();
    const taken = [];
    const view = map.getBounds();
    const top = [...ranked].filter((layer) => layer.texts && isDrawn(layer) && map.getZoom() >= layer.text_zoom);
    top.sort((a, b) => a.text_zoom - b.text_zoom || b.rank - a.rank);
    for (const layer of top) for (const [lon, lat, text] of layer.texts) {
      if (taken.length > 160 || !view.contains([lat, lon])) continue;
      const { x, y } = map.latLngToContainerPoint([lat, lon]);
      const wide = (text.length * (layer.size === "great" ? 15 : 13)) / 2 + 3;
      const down = layer.kind === "point" ? 16 : 0;
      const box = [x - wide, y + down - 9, x + wide, y + down + 9];
      if (taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) continue;
      taken.push(box);
      const element = make("span", {}, text);
      const icon = L.divIcon({ className: `word ${layer.size}`, html: element, iconSize: [0, 0], iconAnchor: [0, -down] });
      L.marker([lat, lon], { icon, pane: "words", interactive: false, keyboard: false }).addTo(words);
    }
  }

  // What lies at a point

  const KINDS = ["point", "line", "area"];

  function sizeOf(path) {
    const size = path._pxBounds && path._pxBounds.getSize();
    return size ? size.x * size.y : 0;
  }

  /* The finest first: points, then lines, then areas from the smallest. */
  function hitsAt(latlng, reach) {
    const point = map.latLngToLayerPoint(latlng);
    const hits = [];
    for (const layer of [...ranked].reverse()) {
      if (!isDrawn(layer)) continue;
      const found = layer.paths.filter((path) => {
        if (path._point) return path._point.distanceTo(point) <= path._radius + reach;
        return path._pxBounds && path._pxBounds.contains(point) && path._containsPoint(point);
      });
      for (const path of found.slice(0, 12)) hits.push([layer, path]);
    }
    const rank = ([layer, path]) => KINDS.indexOf(layer.kind) * 1e12 + (layer.kind === "area" ? sizeOf(path) : 0);
    return hits.sort((one, other) => rank(one) - rank(other));
  }

  const nameOf = (layer, feature) => (layer.name_at === null ? layer.title : feature[2][layer.name_at] ?? layer.title);

  function articleOf([layer, path]) {
    const feature = layer.features[path.feature];
    const rows = layer.fields.flatMap((field, at) => {
      const value = feature[2][at];
      if (value === null || value === "" || at === layer.name_at) return [];
      return [make("tr", {}, make("th", { scope: "row" }, field.title), make("td", {}, field.unit ? `${value} ${field.unit}` : String(value)))];
    });
    return make("article", {},
      make("div", { class: "kind" }, layer.title),
      make("h4", {}, String(nameOf(layer, feature))),
      make("table", {}, make("tbody", {}, ...rows)));
  }

  const ring = L.layerGroup().addTo(map);

  function openAt(latlng) {
    ring.clearLayers();
    const hits = hitsAt(latlng, 6);
    if (!hits.length) return map.closePopup();
    const [first, ...others] = hits;
    const content = make("div", { class: "spot" }, articleOf(first));
    const popup = L.popup({ maxWidth: 320, minWidth: 180, autoPanPaddingTopLeft: [window.innerWidth > 640 ? 316 : 8, 8] });
    if (others.length) {
      content.append(make("details", { on: { toggle: () => popup.update() } }, make("summary", {}, `此处还有 ${others.length} 项`), ...others.map(articleOf)));
    }
    const at = first[1].getLatLng ? first[1].getLatLng() : latlng;
    const outline = { renderer, interactive: false, fill: false, color: "#0b1d33", weight: 3.5 };
    if (first[1].getLatLngs) {
      const again = first[0].kind === "line" ? L.polyline : L.polygon;
      ring.addLayer(again(first[1].getLatLngs(), outline));
    } else ring.addLayer(L.circleMarker(at, { ...outline, radius: 12, weight: 3 }));
    popup.setLatLng(at).setContent(content).openOn(map);
  }

  map.on("click", (event) => openAt(event.latlng));
  map.on("popupclose", () => ring.clearLayers());

  const hint = L.tooltip({ className: "hint", direction: "top", offset: [0, -8] });
  let waiting = false;
  map.on("mousemove", (event) => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      const [hit] = hitsAt(event.latlng, 3);
      map.getContainer().style.cursor = hit ? "pointer" : "";
      if (!hit) return hint.remove();
      const [layer, path] = hit;
      const name = String(nameOf(layer, layer.features[path.feature]));
      const shade = theme && theme.layer === layer.id ? theme.values[path.feature] : null;
      hint.setContent(make("span", {}, shade === null ? name : `${name}：${shade.toLocaleString("en")} ${theme.unit}`));
      hint.setLatLng(event.latlng).addTo(map);
    });
  });
  map.on("mouseout", () => hint.remove());

  // The panel

  function rowOf(layer) {
    layer.isOn = layer.on && !layer.note;
    const box = make("input", { type: "checkbox", checked: layer.isOn, disabled: Boolean(layer.note), on: { change() { layer.isOn = box.checked; refresh(); } } });
    const isKeyed = layer.keys.length > 1;
    const swatch = isKeyed || isShaded(layer) ? null : markOf(layer.looks[layer.keys.length ? layer.keys[0][0] : 0], layer.kind);
    layer.told = make("span", { class: "count" }, layer.note ?? layer.count);
    layer.row = make("label", { title: layer.about }, box, make("span", { class: "name" }, layer.title), swatch, layer.told);
    layer.key = isKeyed && !isShaded(layer)
      ? make("ul", { class: "keys" }, ...layer.keys.map(([look, label]) => make("li", {}, markOf(layer.looks[look], layer.kind), make("span", {}, label))))
      : null;
    layer.row.classList.toggle("left-out", Boolean(layer.note));
    return [layer.row, layer.key];
  }

  const shading = make("div", { class: "shading" });

  function drawShading() {
    shading.replaceChildren();
    if (!theme) return;
    const swatch = (look) => { const span = make("span", {}); span.style.background = look.fillColor; return span; };
    const unknown = theme.looks.length - 1;
    shading.append(
      make("div", { class: "legend-title" }, `每格${theme.title}（${theme.unit}）`),
      make("div", { class: "ramp" }, ...theme.looks.slice(0, -1).map(swatch)),
      make("div", { class: "steps" }, ...theme.labels.map((label) => make("span", {}, label))));
    if (theme.classes.includes(unknown)) {
      shading.append(make("ul", { class: "keys" }, make("li", {}, markOf(theme.looks[unknown], "area"), make("span", {}, "无数据或少于 5"))));
    }
  }

  function shade(chosen) {
    theme = chosen;
    for (const layer of layers.filter(isShaded)) {
      for (const path of layer.paths) {
        const look = lookOf(layer, path.feature);
        path.setStyle({ ...look, weight: weightOf(look, map.getZoom()) });
      }
    }
    drawShading();
  }

  const choices = page.themes.map((each) =>
    make("label", {}, make("input", { type: "radio", name: "theme", checked: each === theme, on: { change: () => shade(each) } }), make("span", { class: "name" }, each.title)));
  const fold = make("button", { type: "button", class: "fold", "aria-expanded": "false", on: { click() {
    const isFolded = panel.classList.toggle("folded");
    fold.setAttribute("aria-expanded", String(!isFolded));
    fold.textContent = isFolded ? "图层" : "收起";
  } } }, "图层");
  const badge = drawing(26, 26, [
    ["path", { d: "M13 2 23 7.5v11L13 24 3 18.5v-11z", fill: "none", stroke: "#fff", "stroke-width": 1.8 }],
    ["path", { d: "M3 7.5 13 13l10-5.5M13 13v11", fill: "none", stroke: "#fff", "stroke-width": 1.5 }],
    ["path", { d: "M13 13 23 7.5v11L13 24z", fill: "#ffb83d", "fill-opacity": 0.9 }],
  ]);
  const panel = make("aside", { class: "board folded", "aria-label": "图层和图例" },
    make("header", {}, badge, make("div", {}, make("h1", {}, page.title), make("p", {}, page.made)), fold),
    page.synthetic ? make("div", { class: "synthetic" }, page.synthetic) : null,
    make("div", { class: "body" },
      make("section", {}, make("p", { class: "about" }, page.about)),
      choices.length ? make("section", { role: "radiogroup", "aria-label": "专题" }, make("h2", {}, "专题"), make("div", { class: "choices" }, ...choices), shading) : null,
      make("section", {}, ...page.groups.flatMap((group) => {
        const square = make("i", {});
        square.style.background = group.color;
        return [make("h3", {}, square, group.title), ...layers.filter((layer) => layer.group === group).flatMap(rowOf)];
      }))));
  map.getContainer().append(panel);
  L.DomEvent.disableClickPropagation(panel);
  L.DomEvent.disableScrollPropagation(panel);
  L.DomEvent.on(panel, "mousemove", L.DomEvent.stopPropagation);

  // Leaflet takes HTML here: what it gets is the escaped form of the text.
  map.attributionControl.setPrefix(false).addAttribution(make("span", {}, page.attribution).innerHTML);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  const [west, south, east, north] = page.bounds;
  const isWide = window.innerWidth > 640;
  map.fitBounds([[south, west], [north, east]], {
    paddingTopLeft: isWide ? [316, 16] : [12, 12],
    paddingBottomRight: isWide ? [16, 28] : [12, 130],
    animate: false,
  });
  map.on("zoomend moveend", refresh);
  drawShading();
  refresh();
  window.board = { layers, map, openAt, shade };
}
