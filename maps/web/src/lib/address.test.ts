import { describe, expect, it } from "vitest";

import { parse, placeOf, placeQuery, write } from "./address";

describe("the address", () => {
  it("survives writing and reading", () => {
    const address = { page: "map" as const, query: { m: "officer", c: "431322001203004", z: "15" } };
    expect(parse(write(address))).toEqual(address);
  });

  it("leaves out what is empty", () => {
    expect(write({ page: "list", query: { m: "officer", c: "" } })).toBe("#/list?m=officer");
  });

  it("opens the map for a page nobody knows", () => {
    expect(parse("#/nowhere?m=officer").page).toBe("map");
    expect(parse("").query).toEqual({});
  });

  it("keeps commas and colons readable", () => {
    expect(write({ page: "list", query: { b: "111.1,27.5,111.2,27.6" } })).toBe("#/list?b=111.1,27.5,111.2,27.6");
  });

  it("takes a place only when it makes sense", () => {
    expect(placeOf(placeQuery({ lon: 111.3, lat: 27.7, zoom: 15 }))).toEqual({ lon: 111.3, lat: 27.7, zoom: 15 });
    expect(placeOf({ x: "111", y: "27" })).toBeNull();
    expect(placeOf({ x: "27", y: "111", z: "15" })).toBeNull();
  });

  it("writes a round zoom without losing its zeros", () => {
    expect(placeQuery({ lon: 0, lat: 0, zoom: 10 })["z"]).toBe("10");
    expect(placeQuery({ lon: 0, lat: 0, zoom: 12.5 })["z"]).toBe("12.5");
  });
});
