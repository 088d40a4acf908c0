import type { z } from "zod/mini";

interface CodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): CodeApi;

/** The page's end of the messages, and what it keeps over a reload. */
export interface Channel<In, Out> {
  /** Takes what arrives; a page sets it whenever it is drawn, so that it sees what the page sees. */
  receive: (message: In) => void;
  post(message: Out): void;
  state(): unknown;
  keep(state: unknown): void;
}

/** Opens the one channel of a page. Messages that do not fit their schema are neither taken nor sent. */
export function openChannel<In extends z.ZodMiniType, Out>(
  incoming: In,
  outgoing: z.ZodMiniType<Out>,
): Channel<z.infer<In>, Out> {
  const api = acquireVsCodeApi();
  const channel: Channel<z.infer<In>, Out> = {
    receive: () => {},
    post(message) {
      const checked = outgoing.safeParse(message);
      if (checked.success) api.postMessage(checked.data);
    },
    state: () => api.getState(),
    keep: (state) => api.setState(state),
  };
  addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    const checked = incoming.safeParse(data);
    if (checked.success) channel.receive(checked.data as z.infer<In>);
  });
  return channel;
}
