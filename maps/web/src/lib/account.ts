/** Who is reading, how they sign in, and what is theirs: devices, second factor, tokens. */
import { ask, query, send, SESSION } from "./asking";
import type { MapName } from "./service";

export type Role =
  | "visitor" | "officer" | "lead" | "supervisor" | "handler"
  | "planner" | "editor" | "administrator" | "auditor";

export interface Account {
  login: string | null;
  name: string;
  role: Role;
  branches: string[];
  maps: MapName[];
  home_map: string | null;
  /** "enrol": the role demands a second factor that this account has not yet. */
  second_factor?: "off" | "on" | "enrol";
}

export interface Ways { oidc: { title: string; url: string } | null }
export interface SessionAnswer { account: Account; ways?: Ways }

export interface Device {
  id: string | number;
  created_at: string;
  seen_at: string;
  address: string | null;
  agent: string | null;
  is_this: boolean;
}

export const scopes = ["read:public", "read:layers", "write:matters"] as const;
export type TokenScope = (typeof scopes)[number];

export interface Token {
  id: number;
  name: string;
  scopes?: TokenScope[];
  created_at: string | null;
  expires_at: string;
  used_at?: string | null;
  /** Only in the answer that makes it. */
  token?: string | null;
}

export interface Setup { uri: string; secret: string; qr_svg: string }

const FACTOR = "/api/account/second-factor";

export const accounts = {
  session: () => ask<SessionAnswer>(SESSION),
  signIn: (login: string, password: string, code: string) =>
    send<SessionAnswer>("POST", SESSION, { login, password, ...(code ? { code } : {}) }),
  signOut: (everywhere = false) =>
    send<null>("DELETE", everywhere ? `${SESSION}?${query({ everywhere: "true" })}` : SESSION),
  changePassword: (current: string, fresh: string) =>
    send<null>("PUT", "/api/account/password", { current, fresh }),
  /** Without the password only where the account must enrol before all else. */
  beginFactor: (password?: string) => send<Setup>("POST", FACTOR, password ? { password } : {}),
  confirmFactor: (code: string) => send<{ recovery_codes: string[] }>("PUT", FACTOR, { code }),
  dropFactor: (password: string, code: string) => send<null>("DELETE", FACTOR, { password, code }),
  devices: (signal?: AbortSignal) => ask<Device[]>("/api/account/sessions", signal),
  endDevice: (id: string | number) => send<null>("DELETE", `/api/account/sessions/${encodeURIComponent(String(id))}`),
  tokens: (signal?: AbortSignal) => ask<Token[]>("/api/tokens", signal),
  makeToken: (name: string, days: number, scopes: TokenScope[]) =>
    send<Token>("POST", "/api/tokens", { name, days, scopes }),
  dropToken: (id: number) => send<null>("DELETE", `/api/tokens/${id}`),
};
