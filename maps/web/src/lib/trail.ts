/** The trail and its alerts, for those who watch over the service. */
import { ref } from "vue";

import type { Role } from "./account";
import { ask, fetchFile, filled, query, send, type File } from "./asking";

export interface Line {
  id: number;
  at: string;
  actor: string;
  role: string | null;
  act: string;
  act_title: string;
  subject: string | null;
  reason: string | null;
  address: string | null;
  facts: Record<string, unknown>;
}

export interface LinePage { lines: Line[]; next: string | null }
export interface Act { id: string; title: string; title_en: string }
export interface Verdict { is_whole: boolean; lines: number; first_broken: number | null; checked_at: string }

export interface Alert {
  id: number;
  at: string;
  kind: string;
  title: string;
  title_en?: string | null;
  actor: string;
  facts: Record<string, unknown>;
  seen_at: string | null;
}

/** What to look for; `from` and `to` are days of the county, both counted whole. */
export interface Wanted { from: string; to: string; actor: string; act: string; subject: string }

export const trail = {
  lines: (wanted: Wanted, cursor: string, signal: AbortSignal) =>
    ask<LinePage>(`/api/trail?${query({ ...filled({ ...wanted, cursor }), limit: 50 })}`, signal),
  file: (wanted: Wanted, format: "csv" | "xlsx"): Promise<File> =>
    fetchFile(`/api/trail/file?${query({ ...filled({ ...wanted }), format })}`),
  check: (signal: AbortSignal) => ask<Verdict>("/api/trail/check", signal),
  acts: (signal: AbortSignal) => ask<Act[]>("/api/trail/acts", signal),
  alerts: (signal?: AbortSignal) => ask<Alert[]>("/api/alerts", signal),
  see: (id: number) => send<null>("POST", `/api/alerts/${id}/seen`),
};

/** How many alerts nobody has looked at. */
export const unseen = ref(0);

export const watches = (role: Role | undefined): boolean => role === "auditor" || role === "administrator";

export async function countUnseen(): Promise<void> {
  // The badge is no reason to disturb anybody: what failed is asked again later.
  const alerts = await trail.alerts().catch(() => null);
  if (alerts) unseen.value = alerts.filter((alert) => alert.seen_at === null).length;
}
