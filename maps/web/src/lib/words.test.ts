import { describe, expect, it } from "vitest";

import { en } from "../words.en";
import { zh } from "../words.zh";
import { fill, isWord, titleOf } from "./words";

const gaps = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? "").sort();

describe("the dictionaries", () => {
  it("have the same gaps in both languages", () => {
    const different = Object.entries(zh).filter(([word, text]) => isWord(word) && gaps(text).join() !== gaps(en[word]).join());
    expect(different).toEqual([]);
  });

  it("leave no Chinese in English but the name of the other language", () => {
    const chinese = Object.entries(en).filter(([word, text]) => word !== "language.switch" && /[\u4e00-\u9fff]/.test(text));
    expect(chinese).toEqual([]);
  });

  it("fill gaps, and show a gap nobody filled", () => {
    expect(fill("还可尝试 {n} 次", { n: 4 })).toBe("还可尝试 4 次");
    expect(fill("{a}", {})).toBe("{a}");
  });

  it("fall back to the Chinese title of data", () => {
    expect(titleOf({ title: "网格", title_en: null })).toBe("网格");
  });
});
