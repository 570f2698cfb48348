import { beforeEach, describe, expect, it } from "vitest";

import { ago, area, count, roundScale, scaleAt, show, timeLeft } from "./format";
import { language } from "./words";

beforeEach(() => {
  language.value = "zh";
});

describe("figures", () => {
  it("are separated by thousands, and a missing one is a dash", () => {
    expect(count(1504100)).toBe("1,504,100");
    expect(count(null)).toBe("—");
    expect(count(0)).toBe("0");
  });

  it("give areas in the unit that reads well", () => {
    expect(area(362_000)).toBe("0.36 km²");
    expect(area(850)).toBe("850 m²");
  });

  it("give scales that people say", () => {
    expect(roundScale(15_085)).toBe(15_000);
    expect(roundScale(8_531)).toBe(8_500);
    expect(Math.round(scaleAt(15, 27.7))).toBe(15_106);
  });
});

describe("times", () => {
  const now = Date.parse("2026-11-24T08:00:00+08:00");

  it("tell how long ago", () => {
    expect(ago("2026-11-17T08:00:00+08:00", now)).toBe("7天前");
    expect(ago("2026-11-24T07:59:40+08:00", now)).toBe("刚刚");
  });

  it("tell what is left, and what is late", () => {
    expect(timeLeft("2026-11-24T13:00:00+08:00", now)).toEqual({ late: false, text: "剩 5小时" });
    expect(timeLeft("2026-11-20T08:00:00+08:00", now)).toEqual({ late: true, text: "超期 4天" });
  });
});

describe("values of a field", () => {
  it("are shown under the words of their layer", () => {
    const field = { title: "状态", type: "text", labels: { ok: "完好" } };
    expect(show("ok", field)).toBe("完好");
    expect(show("别的", field)).toBe("别的");
  });

  it("look up coded numbers too", () => {
    expect(show(2, { title: "性别", type: "integer", labels: { 1: "男", 2: "女" } })).toBe("女");
  });

  it("carry their unit", () => {
    expect(show(3.456, { title: "面积", type: "number", unit: "亩" })).toBe("3.46 亩");
    expect(show(null, { title: "面积", type: "number", unit: "亩" })).toBe("—");
  });

  it("speak the reader's language", () => {
    language.value = "en";
    expect(show(true)).toBe("yes");
  });
});
