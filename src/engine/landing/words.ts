import { problem, type Result } from "../../core/problem.ts";
import { ForgeFailed } from "../../ports/forge.ts";
import { WorkspaceUnavailable } from "../../ports/workspaces.ts";

/** Failures of the outside as answers; anything else is a bug and thrown on. */
export async function answered<T>(run: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ForgeFailed || error instanceof WorkspaceUnavailable) {
      return problem("refused", error.message);
    }
    throw error;
  }
}
