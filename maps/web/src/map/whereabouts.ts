/** Asks the browser where it is, and says in words why it does not know. */
import type { Word } from "../lib/words";

export interface Fix { lon: number; lat: number; accuracy_m: number }

export class NoFix extends Error {
  constructor(readonly word: Word) {
    super(word);
  }
}

export function whereAmI(): Promise<Fix> {
  if (!window.isSecureContext) return Promise.reject(new NoFix("where.insecure"));
  if (!("geolocation" in navigator)) return Promise.reject(new NoFix("where.unsupported"));
  return new Promise((found, failed) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) =>
        found({ lon: coords.longitude, lat: coords.latitude, accuracy_m: Math.max(1, coords.accuracy) }),
      (error) => failed(new NoFix(reasonOf(error.code))),
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 10_000 },
    );
  });
}

export function reasonOf(code: number): Word {
  if (code === 1) return "where.denied";
  return code === 3 ? "where.timeout" : "where.unavailable";
}

/** How good a position is, in the words officers use. */
export function accuracyWord(accuracy_m: number): "where.good" | "where.fair" | "where.poor" {
  if (accuracy_m <= 15) return "where.good";
  return accuracy_m <= 50 ? "where.fair" : "where.poor";
}
