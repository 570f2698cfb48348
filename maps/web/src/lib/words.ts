import { ref } from "vue";

import { en } from "../words.en";
import { zh } from "../words.zh";
import { remember, remembered } from "./memory";

export type Language = "zh" | "en";
export type Word = keyof typeof zh;

const dictionaries: Record<Language, Record<Word, string>> = { zh, en };

export const language = ref<Language>(remembered("language") === "en" ? "en" : "zh");

/** Say a word of the chrome, its {gaps} filled. */
export function t(word: Word, gaps: Record<string, string | number> = {}): string {
  return fill(dictionaries[language.value][word], gaps);
}

export function fill(text: string, gaps: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(gaps[name] ?? whole));
}

/** Whether the dictionary knows a word made at run time, such as an error code. */
export function isWord(word: string): word is Word {
  return Object.hasOwn(zh, word);
}

/** The title of a layer or field in the reader's language, if it has one. */
export function titleOf(named: { title: string; title_en?: string | null }): string {
  return language.value === "en" ? (named.title_en ?? named.title) : named.title;
}

/** A unit of a field or theme; those that are Chinese words are known to the dictionary. */
export function unitName(unit: string): string {
  const word = `unit.${unit}`;
  return isWord(word) ? t(word) : unit;
}

export function speak(chosen: Language): void {
  language.value = chosen;
  remember("language", chosen);
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
  document.title = t("app.name");
}
