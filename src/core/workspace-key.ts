/** The folder a task works in, relative to the home; the same for every attempt. Throws on what is no task id. */
export function workspaceFolder(taskId: number): string {
  if (!Number.isSafeInteger(taskId) || taskId < 1) {
    throw new RangeError(`${taskId} is not the id of a task`);
  }
  return `tasks/${taskId}`;
}
