import { onBeforeUnmount, ref, shallowRef } from "vue";

import { isAbort, sentence } from "./problem";

/** Something asked of the service: null until it has come, with the sentence if it did not. */
export function useAsked<T>(load: (signal: AbortSignal) => Promise<T>) {
  const answer = shallowRef<T | null>(null);
  const problem = ref("");
  let asking: AbortController | null = null;

  /** Ask; what is shown stays until the answer comes if it is only asked anew. */
  async function ask(keep = false): Promise<void> {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    if (!keep) answer.value = null;
    problem.value = "";
    try {
      const found = await load(signal);
      if (!signal.aborted) answer.value = found;
    } catch (error) {
      if (!isAbort(error) && !signal.aborted) problem.value = sentence(error);
    }
  }

  onBeforeUnmount(() => asking?.abort());
  return { answer, problem, ask };
}

/** An act of the reader: busy while it runs, with the sentence if it was refused. */
export function useAct() {
  const busy = ref(false);
  const problem = ref("");

  async function run(act: () => Promise<void>): Promise<boolean> {
    busy.value = true;
    problem.value = "";
    try {
      await act();
      return true;
    } catch (error) {
      problem.value = sentence(error);
      return false;
    } finally {
      busy.value = false;
    }
  }

  return { busy, problem, run };
}
