import { computed, ref, shallowRef } from "vue";

import { remember, remembered } from "./memory";
import { onService, service, type Account } from "./service";

/** Who is reading. Null until the server has answered. */
export const account = shallowRef<Account | null>(null);

/** Whether the last request reached the server. */
export const connected = ref(true);

/** Why the sign-in page is shown: at the start, by wish, or because a session has ended. */
export const door = ref<"closed" | "start" | "wish" | "expired">("closed");

export const isVisitor = computed(() => account.value?.login === null);

onService({
  refused: (status) => {
    if (!account.value?.login) return;
    if (status === 401) door.value = "expired";
    else void checkSession();
  },
  reached: (well) => {
    connected.value = well;
  },
});

/** Roles that are told nothing of the county but what everybody is. */
const OUTSIDERS = ["visitor", "administrator", "auditor"];

/**
 * Whether more than what is public of a place may be asked for at all: who is told
 * "not yours" anyhow need not ask.
 */
export function mayAsk(code: string): boolean {
  const reader = account.value;
  if (!reader || OUTSIDERS.includes(reader.role)) return false;
  return reader.branches.some((branch) => code.startsWith(branch) || branch.startsWith(code));
}

/** Learn the English names of one's maps, which the session itself does not tell. */
export async function nameMaps(): Promise<void> {
  const maps = await service.maps().catch(() => null);
  if (maps && account.value) account.value = { ...account.value, maps };
}

let checking = false;

/**
 * See whether the session still stands. To a reader whose session has ended, what was
 * theirs is answered as if it were not there: only the session itself tells the two apart.
 */
async function checkSession(): Promise<void> {
  if (checking || door.value !== "closed") return;
  checking = true;
  const now = await service.session().catch(() => null);
  if (now && now.account.login === null) door.value = "expired";
  window.setTimeout(() => (checking = false), 5000);
}

export async function openSession(): Promise<void> {
  account.value = (await service.session()).account;
  if (isVisitor.value && remembered("visitor") === null) door.value = "start";
}

export async function signIn(login: string, password: string): Promise<void> {
  account.value = (await service.signIn(login, password)).account;
  remember("visitor", null);
  door.value = "closed";
}

export async function lookAround(): Promise<void> {
  account.value = (await service.session()).account;
  remember("visitor", "yes");
  door.value = "closed";
}

export async function signOut(): Promise<void> {
  await service.signOut();
  remember("visitor", null);
  // A fresh page: nothing the last reader saw stays in memory on a shared computer.
  window.location.assign(window.location.pathname);
}
