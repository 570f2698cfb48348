import { computed, onBeforeUnmount, ref } from "vue";

/** Seconds that pass on the screen, such as until one may try again. */
export function useCountdown() {
  const left_s = ref(0);
  let timer = 0;

  function stop(): void {
    window.clearInterval(timer);
    left_s.value = 0;
  }

  function start(seconds: number): void {
    stop();
    const end = Date.now() + seconds * 1000;
    left_s.value = Math.ceil(seconds);
    timer = window.setInterval(() => {
      // By the clock: a tab in the background is given few ticks.
      left_s.value = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      if (left_s.value === 0) window.clearInterval(timer);
    }, 500);
  }

  onBeforeUnmount(stop);
  return { left_s, clock: computed(() => clockOf(left_s.value)), start, stop };
}

/** Minutes and seconds: 125 is 2:05. */
export function clockOf(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
