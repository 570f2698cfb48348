import { describe, expect, it } from "vitest";

import { factsOf, subjectOf } from "./facts";

describe("lines of the trail", () => {
  it("name their subject in words and keep what it is", () => {
    expect(subjectOf("account officer")).toBe("账号 officer");
    expect(subjectOf("something else 7")).toBe("something else 7");
    expect(subjectOf(null)).toBe("—");
  });

  it("read their facts out, known words in words", () => {
    expect(factsOf({ fields: ["name", "phone"], rows: 12, nothing: null, odd: { a: 1 } })).toEqual([
      { name: "字段", text: "姓名、电话" },
      { name: "行数", text: "12" },
      { name: "odd", text: '{"a":1}' },
    ]);
  });
});
