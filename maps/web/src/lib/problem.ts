import { ServiceProblem } from "./service";
import { isWord, language, t } from "./words";

/** The sentence to show for whatever went wrong. */
export function sentence(error: unknown): string {
  if (!(error instanceof ServiceProblem)) throw error;
  const word = `problem.${error.code}`;
  if (language.value === "zh" && error.message) return error.message;
  if (isWord(word)) return t(word, { status: error.status });
  return error.message || t("problem.unexpected", { status: error.status });
}

export const isAbort = (error: unknown): boolean =>
  error instanceof DOMException && error.name === "AbortError";

/** Whether the answer means that a reader may not know of the thing. */
export const isHidden = (error: unknown): boolean =>
  error instanceof ServiceProblem && [401, 403, 404].includes(error.status);
