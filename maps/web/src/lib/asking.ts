/** How the client asks the service, and what it makes of a refusal. */

/** What went wrong with a request: the server's stable code, and its sentence if it gave one. */
export class ServiceProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly more: Record<string, unknown> = {},
  ) {
    super(detail);
  }
}

interface Listener {
  refused(status: number): void;
  reached(well: boolean): void;
  /** The rows this reader may read today are used up. */
  spent(problem: ServiceProblem): void;
}
const listener: Listener = { refused: () => undefined, reached: () => undefined, spent: () => undefined };

/** Name those who want to know that something was refused, or that the server is out of reach. */
export function onService(heard: Listener): void {
  Object.assign(listener, heard);
}

export const SESSION = "/api/session";

const ownSlips = ["wrong_password", "wrong_code", "second_factor_wanted"];

export async function reach(path: string, init: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, { credentials: "same-origin", ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    listener.reached(false);
    throw new ServiceProblem(0, "offline", "");
  }
  listener.reached(true);
  if (answer.ok || answer.status === 304) return answer;
  const problem = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  const code = typeof problem["code"] === "string" ? problem["code"] : "unexpected";
  const told = new ServiceProblem(answer.status, code, String(problem["detail"] ?? ""), problem);
  if (code === "budget_spent") listener.spent(told);
  // A wrong password or code is the reader's slip, not the session's end.
  if (!path.startsWith(SESSION) && !ownSlips.includes(code) && [401, 403, 404].includes(answer.status)) {
    listener.refused(answer.status);
  }
  throw told;
}

export async function ask<T>(path: string, signal?: AbortSignal, init: RequestInit = {}): Promise<T> {
  const headers = { Accept: "application/json", ...init.headers };
  const answer = await reach(path, { ...init, headers, ...(signal ? { signal } : {}) });
  return (answer.status === 204 ? null : await answer.json()) as T;
}

/** Send JSON. */
export function send<T>(
  method: "POST" | "PUT" | "DELETE",
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  if (body === undefined) return ask<T>(path, signal, { method });
  const headers = { "Content-Type": "application/json" };
  return ask<T>(path, signal, { method, headers, body: JSON.stringify(body) });
}

export const query = (values: Record<string, string | number>): string =>
  new URLSearchParams(Object.entries(values).map(([key, value]) => [key, String(value)])).toString();

/** Without what was left empty. */
export const filled = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));

export interface File { blob: Blob; name: string }

export async function fetchFile(path: string, init: RequestInit = {}): Promise<File> {
  const answer = await reach(path, init);
  return { blob: await answer.blob(), name: fileName(answer.headers.get("Content-Disposition") ?? "") };
}

/** The name a file is sent with; one in Chinese comes percent-encoded beside a plain one. */
export function fileName(disposition: string): string {
  const encoded = /filename\*=(?:utf-8|UTF-8)''([^;]+)/.exec(disposition)?.[1];
  if (encoded) return decodeURIComponent(encoded);
  return /filename="?([^";]+)"?/.exec(disposition)?.[1] ?? "download";
}

/** Hand a file to the browser's own downloads. */
export function save({ blob, name }: File): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
