import { computed, ref, shallowRef } from "vue";

import { accounts, type Account, type Role, type SessionAnswer, type Ways } from "./account";
import { address, go } from "./address";
import { onService, type ServiceProblem } from "./asking";
import { remember, remembered } from "./memory";
import { service } from "./service";

/** Who is reading. Null until the server has answered. */
export const account = shallowRef<Account | null>(null);

/** Ways to sign in beside a password. */
export const ways = shallowRef<Ways>({ oidc: null });

/** Whether the last request reached the server. */
export const connected = ref(true);

/** Why the sign-in page is shown: at the start, by wish, or because a session has ended. */
export const door = ref<"closed" | "start" | "wish" | "expired">("closed");

/** What the server said when the rows of the day were used up, until they may be asked for again. */
export const budget = shallowRef<{ problem: ServiceProblem; until: number } | null>(null);

let budgetTimer = 0;

export const isVisitor = computed(() => account.value?.login === null);

/** Signed in by password alone where the role demands more: nothing is open before that. */
export const mustEnrol = computed(() => account.value?.second_factor === "enrol");

onService({
  refused: (status) => {
    if (!account.value?.login || mustEnrol.value) return;
    if (status === 401) door.value = "expired";
    else void checkSession();
  },
  reached: (well) => {
    connected.value = well;
  },
  spent: (problem) => {
    const wait_s = Number(problem.more["retry_after_s"] ?? 60);
    budget.value = { problem, until: Date.now() + wait_s * 1000 };
    window.clearTimeout(budgetTimer);
    budgetTimer = window.setTimeout(() => (budget.value = null), wait_s * 1000);
  },
});

/** Roles that are told nothing of the county but what everybody is. */
const OUTSIDERS: readonly Role[] = ["visitor", "administrator", "auditor"];

/** Roles that may see a resident's data in full, each time for a reason. */
const REVEALERS: readonly Role[] = ["officer", "lead", "supervisor"];

const isOneOf = (roles: readonly Role[]) =>
  computed(() => Boolean(account.value && roles.includes(account.value.role)));

export const isOutsider = isOneOf(OUTSIDERS);
export const mayReveal = isOneOf(REVEALERS);

/**
 * Whether more than what is public of a place may be asked for at all: who is told
 * "not yours" anyhow need not ask.
 */
export function mayAsk(code: string): boolean {
  const reader = account.value;
  if (!reader || isOutsider.value) return false;
  return reader.branches.some((branch) => code.startsWith(branch) || branch.startsWith(code));
}

/** Learn the English names of one's maps, where the session itself does not tell. */
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
  const now = await accounts.session().catch(() => null);
  if (now && now.account.login === null) door.value = "expired";
  window.setTimeout(() => (checking = false), 5000);
}

function welcome(answer: SessionAnswer): void {
  account.value = answer.account;
  if (answer.ways) ways.value = answer.ways;
  budget.value = null;
}

export async function openSession(): Promise<void> {
  welcome(await accounts.session());
  if (isVisitor.value && remembered("visitor") === null) door.value = "start";
}

export async function signIn(login: string, password: string, code = ""): Promise<void> {
  welcome(await accounts.signIn(login, password, code));
  remember("visitor", null);
  door.value = "closed";
}

/** Ask again who is reading: after a change of what the account may do. */
export async function renewSession(): Promise<void> {
  welcome(await accounts.session());
}

export async function lookAround(): Promise<void> {
  welcome(await accounts.session());
  remember("visitor", "yes");
  if (address.value.page === "login") go("map", {});
  door.value = "closed";
}

export async function signOut(everywhere = false): Promise<void> {
  await accounts.signOut(everywhere);
  remember("visitor", null);
  // A fresh page: nothing the last reader saw stays in memory on a shared computer.
  window.location.assign(window.location.pathname);
}
