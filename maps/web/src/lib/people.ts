/** Residents and households: masked, and in full only for a reason that is written down. */
import { ask, query, send } from "./asking";

export interface Resident {
  id: number;
  name: string;
  sex: string | null;
  age: number | null;
  care_types: string[];
  household_id: number | null;
  grid_code: string;
  relation: number;
}

export interface ResidentRecord extends Resident {
  id_number: string | null;
  phone: string | null;
  address: string | null;
  person_type: string;
  is_registered_here: boolean;
  is_living_here: boolean;
}

export interface Household {
  id: number;
  code: string;
  grid_code: string;
  address: string | null;
  members: Resident[];
}

export interface Purpose { id: string; title: string; title_en: string | null }

export const revealable = ["name", "id_number", "phone"] as const;
export type Revealable = (typeof revealable)[number];
export type Revealed = Partial<Record<Revealable, string | null>> & { revealed_at: string };

const PEOPLE = "/api/people";

export const people = {
  residents: async (grid_code: string, limit: number, signal?: AbortSignal): Promise<Resident[]> =>
    (await ask<{ residents: Resident[] }>(`${PEOPLE}/residents?${query({ grid_code, limit })}`, signal)).residents,
  resident: (id: string | number, signal?: AbortSignal) => ask<ResidentRecord>(`${PEOPLE}/residents/${id}`, signal),
  household: (id: string | number, signal?: AbortSignal) => ask<Household>(`${PEOPLE}/households/${id}`, signal),
  purposes: (signal?: AbortSignal) => ask<Purpose[]>(`${PEOPLE}/purposes`, signal),
  reveal: (id: number, purpose: string, reason: string, fields: Revealable[]) =>
    send<Revealed>("POST", `${PEOPLE}/residents/${id}/reveal`, { purpose, reason, fields }),
};
