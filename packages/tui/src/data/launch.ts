/** Something that can be started from the viewer. The command line interface says what there is and starts it. */
export interface LaunchChoice {
  id: string;
  title: string;
  about: string;
  /** The command, for people. */
  command: string;
  /** Why it cannot be started now. */
  problem?: string;
}

export interface Launched {
  pid: number;
  /** Where its output goes. */
  log: string;
}

/** What can be started: plans and recipes, and runs that can be resumed. Whatever is started goes on when the viewer ends. */
export interface Launcher {
  choices(workspace: string): Promise<LaunchChoice[]>;
  start(workspace: string, id: string): Promise<Launched>;
}
