import { describe, expect, it } from "vitest";

import { fileName, ServiceProblem } from "./asking";
import { clockOf } from "./countdown";
import { partOf, signInSentence } from "./problem";

describe("sentences about what went wrong", () => {
  it("are the half in the reader's language", () => {
    const detail = "请填写事由（至少4个字）(give the reason in 4 to 200 characters)";
    expect(partOf(detail, "zh")).toBe("请填写事由（至少4个字）");
    expect(partOf(detail, "en")).toBe("give the reason in 4 to 200 characters");
    expect(partOf("only (one) sentence", "zh")).toBe("only (one) sentence");
  });

  it("say how many tries are left, and how long a lock holds", () => {
    expect(signInSentence(new ServiceProblem(401, "wrong_password", "", { tries_left: 3 }))).toContain("3 次");
    expect(signInSentence(new ServiceProblem(429, "locked", "", { retry_after_s: 61 }))).toContain("2 分钟");
    expect(clockOf(125)).toBe("2:05");
  });
});

describe("files", () => {
  it("are called what the service calls them, in Chinese too", () => {
    expect(fileName("attachment; filename=\"trail.csv\"")).toBe("trail.csv");
    expect(fileName("attachment; filename=\"x.csv\"; filename*=UTF-8''%E7%BD%91%E6%A0%BC.csv")).toBe("网格.csv");
    expect(fileName("")).toBe("download");
  });
});
