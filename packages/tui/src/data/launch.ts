/** Something that can be started from the viewer. The command line interface says what there is and starts it. */
export interface LaunchChoice {
  id: string;
  title: string;
  about: string;
  /** The command, for people. */
  command: string;
  /** Why it cannot be started now. */
  problem?: string;
  /** What is asked before a plan can be made of it: it is a recipe. */
  fields?: readonly LaunchField[];
}

/** One setting of a recipe: chosen from a list, or typed. */
export interface LaunchField {
  name: string;
  /** Never empty. The first is taken unless another is chosen. */
  options: readonly { value: string; label: string; about?: string }[];
  /** Something else may be typed; says why a text is not taken, or undefined. */
  typed?: { label: string; check(text: string): string | undefined };
}

/** A plan that was made of a recipe, and what it needs. */
export interface PreparedRun {
  /** What `start` takes; undefined when the plan cannot run. */
  id: string | undefined;
  /** Steps, time, memory and disk, in a sentence. */
  estimate: string;
  findings: readonly { level: string; message: string }[];
}

export interface Launched {
  pid: number;
  /** Where its output goes. */
  log: string;
}

/** What can be started: recipes, plans, and runs that can be resumed. Whatever is started goes on when the viewer ends. */
export interface Launcher {
  choices(workspace: string): Promise<LaunchChoice[]>;
  /** Makes the plan of a recipe with the values of its fields, checks it and estimates what it needs. Nothing is started. */
  prepare(workspace: string, id: string, values: Readonly<Record<string, string>>): Promise<PreparedRun>;
  start(workspace: string, id: string): Promise<Launched>;
}
