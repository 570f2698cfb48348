/** Small choices kept in this browser. Private windows may refuse: then they last for the visit. */
const visit = new Map<string, string>();

export function remembered(name: string): string | null {
  try {
    return window.localStorage.getItem(`grid.${name}`);
  } catch {
    return visit.get(name) ?? null;
  }
}

export function remember(name: string, value: string | null): void {
  try {
    if (value === null) window.localStorage.removeItem(`grid.${name}`);
    else window.localStorage.setItem(`grid.${name}`, value);
  } catch {
    if (value === null) visit.delete(name);
    else visit.set(name, value);
  }
}
