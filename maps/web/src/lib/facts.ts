import { isWord, t } from "./words";

/** What a line was about: "account officer" is 账号 officer. */
export function subjectOf(subject: string | null): string {
  if (!subject) return "—";
  const [kind = "", ...rest] = subject.split(" ");
  const word = `subject.${kind}`;
  return [isWord(word) ? t(word) : kind, ...rest].join(" ");
}

/** Facts as people read them; a name the dictionary does not know is shown as it is. */
export function factsOf(facts: Record<string, unknown>): { name: string; text: string }[] {
  return Object.entries(facts)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => {
      const word = `fact.${name}`;
      return { name: isWord(word) ? t(word) : name, text: textOf(name, value) };
    });
}

function textOf(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => textOf(name, one)).join("、") || "—";
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (typeof value === "object") return JSON.stringify(value);
  const said = String(value);
  const words = [`person.${said}`, `scope.${said}`, `role.${said}`];
  const word = ["fields", "scopes", "role"].includes(name) ? words.find(isWord) : undefined;
  return word && isWord(word) ? t(word) : said;
}
