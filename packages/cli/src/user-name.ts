import { userInfo } from "node:os";

/** Who asks and who judges, as it stands in requests and verdicts. */
export function nameOfUser(): string {
  try {
    return userInfo().username || "cli";
  } catch {
    return "cli"; // the system knows no name for this user
  }
}
