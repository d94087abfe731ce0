import type { IncomingMessage } from "node:http";

/** What the model is asked in one request. */
export interface ScriptedRequest {
  /** The agent's own session; stays the same when it is resumed. */
  readonly sessionId: string;
  /** Scenario chosen for the session; null when none fits. */
  readonly scenario: string | null;
  /** How many requests of this session came before. */
  readonly turn: number;
  readonly model: string;
  /** All that the agent was told apart from the conversation. */
  readonly system: string;
  /** Every prompt, oldest first; the agent may put words of its own before them. */
  readonly userTexts: readonly string[];
  /** What came besides within the conversation: facts of the agent's own, words for a working agent. */
  readonly notices: readonly string[];
  /** Results of every tool called, oldest first. */
  readonly toolResults: readonly string[];
  /** What the agent proved itself with. */
  readonly credential: "key" | "token" | null;
}

/** The parts of a request that are in its body. */
export interface ScriptedBody extends Pick<
  ScriptedRequest,
  "model" | "system" | "userTexts" | "notices" | "toolResults"
> {
  readonly isStreamed: boolean;
}

interface Block {
  readonly type?: string;
  readonly text?: string;
  readonly content?: Content;
}
type Content = string | readonly Block[];

interface MessagesBody {
  readonly stream?: boolean;
  readonly model?: string;
  readonly system?: Content;
  readonly messages?: readonly { readonly role: string; readonly content: Content }[];
}

/** Reads the body of a Messages request. */
export function parseBody(json: string): ScriptedBody {
  const body = JSON.parse(json) as MessagesBody;
  const of = (wanted: string) => (body.messages ?? []).filter(({ role }) => role === wanted);
  const words = (role: string): readonly string[] =>
    of(role)
      .map(({ content }) => textsIn(content).join("\n"))
      .filter((text) => text !== "");
  return {
    isStreamed: body.stream === true,
    model: body.model ?? "unknown",
    system: textsIn(body.system ?? "").join("\n"),
    userTexts: words("user"),
    notices: words("system"),
    toolResults: of("user").flatMap(({ content }) => resultsIn(content)),
  };
}

/** Calls `onBody` when somebody else has read the request to its end; reads nothing by itself. */
export function tapBody(req: IncomingMessage, onBody: (body: string) => void): void {
  const chunks: Buffer[] = [];
  const follow = (event: string | symbol): void => {
    if (event !== "data") return;
    req.off("newListener", follow);
    req.on("data", (chunk: Buffer) => chunks.push(chunk));
    req.on("end", () => onBody(Buffer.concat(chunks).toString("utf8")));
  };
  req.on("newListener", follow);
}

function textsIn(content: Content): readonly string[] {
  if (typeof content === "string") return [content];
  return content.flatMap((block) => (block.type === "text" ? [block.text ?? ""] : []));
}

function resultsIn(content: Content): readonly string[] {
  if (typeof content === "string") return [];
  const results = content.filter((block) => block.type === "tool_result");
  return results.map((result) => textsIn(result.content ?? "").join("\n"));
}
