/** The pages of the frame, for whom, in the order they stand in. */
import { computed } from "vue";

import type { Page } from "../lib/address";
import { account } from "../lib/session";
import { watches } from "../lib/trail";
import type { IconName } from "./icons";

export interface Station { page: Page; word: "nav.map" | "nav.list" | "nav.trail" | "nav.alerts" | "nav.me"; icon: IconName }

const everybodys: Station[] = [
  { page: "map", word: "nav.map", icon: "map" },
  { page: "list", word: "nav.list", icon: "list" },
];

export const stations = computed<Station[]>(() => {
  const role = account.value?.role;
  return [
    ...everybodys,
    ...(role === "auditor" ? [{ page: "trail", word: "nav.trail", icon: "trail" } as const] : []),
    ...(watches(role) ? [{ page: "alerts", word: "nav.alerts", icon: "bell" } as const] : []),
    { page: "me", word: "nav.me", icon: "person" },
  ];
});
