import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [vue()],
  server: { host: "127.0.0.1", proxy: { "/api": "http://127.0.0.1:8000" } },
  build: {
    outDir: "../../gis_service/static",
    emptyOutDir: true,
    // The licences of everything bundled travel with the bundle.
    license: { fileName: "THIRD_PARTY.md" },
    // Old office computers keep old browsers for years.
    target: ["chrome100", "safari15"],
    modulePreload: { polyfill: false },
  },
  test: { include: ["src/**/*.test.ts"] },
});
