import { describe, expect, it } from "vitest";

import { boundsOf } from "../map/picking";
import { accuracyWord } from "../map/whereabouts";
import { itemsPath, nextOf, ownPath, quoted } from "./service";

describe("requests", () => {
  it("stay on our own origin whatever host a link names", () => {
    expect(ownPath("https://elsewhere.example/api/ogc/x?cursor=2", "http://here/")).toBe("/api/ogc/x?cursor=2");
  });

  it("quote what stands in a filter", () => {
    expect(itemsPath("/items", { filter: `name=${quoted("O'Neill")}` })).toBe("/items?filter=name%3D%27O%27%27Neill%27");
  });

  it("know the last page", () => {
    expect(nextOf({ features: [], links: [{ rel: "self", href: "/x" }] })).toBeNull();
  });
});

describe("positions", () => {
  it("have a box around them", () => {
    const coordinates = [[[111, 27], [112, 27], [112, 28], [111, 27]]];
    expect(boundsOf({ type: "Polygon", coordinates })).toEqual([111, 27, 112, 28]);
    expect(boundsOf(null)).toBeNull();
  });

  it("are good, fair or poor in words", () => {
    expect([8, 30, 300].map(accuracyWord)).toEqual(["where.good", "where.fair", "where.poor"]);
  });
});
