/** Something that is wrong with a run: named, with its cause and the next step. `active` says that it still holds. */
export interface Alarm {
  name: string;
  level: "warning" | "error";
  /** Where it began. */
  step: number;
  ts: string;
  active: boolean;
  message: string;
  next: string;
}
