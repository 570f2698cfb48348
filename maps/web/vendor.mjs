// Copies what other pages of the service need beside the built client, so that they work
// without a network: folium pages carry Leaflet and jQuery inside, /api/docs loads Swagger UI.
import { copyFileSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const from = (path) => fileURLToPath(new URL(`node_modules/${path}`, import.meta.url));
const to = fileURLToPath(new URL("../../gis_service/static/vendor/", import.meta.url));

const files = {
  "leaflet/dist/leaflet.js": "leaflet.js",
  "leaflet/dist/leaflet.css": "leaflet.css",
  "leaflet/dist/images/layers.png": "images/layers.png",
  "leaflet/dist/images/layers-2x.png": "images/layers-2x.png",
  "leaflet/dist/images/marker-icon.png": "images/marker-icon.png",
  "leaflet/LICENSE": "leaflet.LICENSE.txt",
  "jquery/dist/jquery.min.js": "jquery.js",
  "jquery/LICENSE.txt": "jquery.LICENSE.txt",
  "swagger-ui-dist/swagger-ui-bundle.js": "swagger-ui-bundle.js",
  "swagger-ui-dist/swagger-ui.css": "swagger-ui.css",
  "swagger-ui-dist/LICENSE": "swagger-ui.LICENSE.txt",
};

mkdirSync(`${to}images`, { recursive: true });
for (const [source, target] of Object.entries(files)) copyFileSync(from(source), to + target);
