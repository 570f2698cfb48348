import { ServiceProblem } from "./asking";
import { isWord, language, t, type Language } from "./words";

/** What the door says: the page's own words, for the reader shall not learn which part was wrong. */
export function signInSentence(problem: ServiceProblem): string {
  if (problem.status === 429) {
    const minutes = Math.max(1, Math.ceil(Number(problem.more["retry_after_s"] ?? 60) / 60));
    return t("login.locked", { minutes });
  }
  const left = problem.more["tries_left"];
  const tries = typeof left === "number" ? t("login.triesLeft", { n: left }) : "";
  if (problem.code === "wrong_password") return t("login.wrong") + tries;
  if (problem.code === "wrong_code") return t("login.wrongCode") + tries;
  return sentence(problem);
}

/** The sentence to show for whatever went wrong. */
export function sentence(error: unknown): string {
  if (!(error instanceof ServiceProblem)) throw error;
  const word = `problem.${error.code}`;
  const said = partOf(error.message, language.value);
  if (language.value === "zh" && said) return said;
  if (isWord(word)) return t(word, { status: error.status });
  return said || t("problem.unexpected", { status: error.status });
}

/** The service says most things twice, "中文 (English)": the half that the reader reads. */
export function partOf(detail: string, wanted: Language): string {
  const halves = /^(.*[\u3000-\u9fff].*?)\s*\(([\x20-\x7e]+)\)$/su.exec(detail);
  return halves?.[wanted === "zh" ? 1 : 2] ?? detail;
}

export const isAbort = (error: unknown): boolean =>
  error instanceof DOMException && error.name === "AbortError";

/** Whether the answer means that a reader may not know of the thing. */
export const isHidden = (error: unknown): boolean =>
  error instanceof ServiceProblem && [401, 403, 404].includes(error.status);
