import type { Field } from "./service";
import { language, t, unitName } from "./words";

export type Value = string | number | boolean | null | undefined | readonly unknown[] | object;

const locale = (): string => (language.value === "zh" ? "zh-CN" : "en");

export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? "—" : value.toLocaleString(locale());
}

export function area(area_m2: number): string {
  if (area_m2 >= 10_000) return `${(area_m2 / 1e6).toFixed(2)} km²`;
  return `${count(Math.round(area_m2))} m²`;
}

/** Round a scale so that it reads well: 15,085 becomes 15000. */
export function roundScale(denominator: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(denominator)) - 1);
  return Math.round(denominator / step) * step;
}

/** The map's scale at a zoom, with the 0.28 mm pixel of the OGC standards. */
export function scaleAt(zoom: number, lat: number): number {
  return (559_082_264.03 / 2 ** zoom) * Math.cos((lat * Math.PI) / 180);
}

/** The county's clock, whatever the browser's is set to. */
const timeZone = "Asia/Shanghai";

const yearOf = (at: Date): string => at.toLocaleDateString("en", { year: "numeric", timeZone });

export function moment(text: string): string {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return text;
  const thisYear = yearOf(at) === yearOf(new Date());
  return at.toLocaleString(locale(), {
    ...(thisYear ? {} : { year: "numeric" }),
    month: language.value === "zh" ? "long" : "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hour12: false,
    timeZone,
  });
}

export function day(text: string): string {
  const at = new Date(`${text.slice(0, 10)}T00:00:00`);
  if (Number.isNaN(at.getTime())) return text;
  const month = language.value === "zh" ? "long" : "short";
  return at.toLocaleDateString(locale(), { year: "numeric", month, day: "numeric" });
}

export function span(milliseconds: number): string {
  const minutes = Math.max(0, Math.round(milliseconds / 60_000));
  if (minutes < 60) return t("time.minutes", { n: minutes });
  const hours = Math.round(minutes / 60);
  if (hours < 48) return t("time.hours", { n: hours });
  return t("time.days", { n: Math.round(hours / 24) });
}

export function ago(text: string, now = Date.now()): string {
  const passed = now - Date.parse(text);
  if (Number.isNaN(passed)) return text;
  return passed < 60_000 ? t("time.justNow") : t("time.ago", { time: span(passed) });
}

/** How a matter stands against its time limit: how long is left, or how late it is. */
export function timeLeft(due: string, now = Date.now()): { late: boolean; text: string } {
  const left = Date.parse(due) - now;
  if (Number.isNaN(left)) return { late: false, text: "" };
  const late = left < 0;
  return { late, text: t(late ? "matter.late" : "matter.dueIn", { time: span(Math.abs(left)) }) };
}

/** One value of a layer's field, as people read it. */
export function show(value: Value, field?: Field): string {
  if (value === null || value === undefined || value === "") return "—";
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (Array.isArray(value)) return value.length ? value.map((one) => show(one as Value, field)).join("、") : "—";
  const label = field?.labels?.[String(value)];
  if (label !== undefined) return label;
  if (field?.type === "time" || field?.type === "datetime") return moment(String(value));
  if (field?.type === "date") return day(String(value));
  if (typeof value === "number") {
    const unit = field?.unit ? ` ${unitName(field.unit)}` : "";
    return `${value.toLocaleString(locale(), { maximumFractionDigits: 2 })}${unit}`;
  }
  return typeof value === "object" ? JSON.stringify(value) : value;
}
