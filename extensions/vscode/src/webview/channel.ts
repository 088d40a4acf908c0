import type { z } from "zod/mini";

interface CodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): CodeApi;

/** The page's end of the messages, and what it keeps over a reload. Messages that don't fit are left alone. */
export interface Channel<Out> {
  post(message: Out): void;
  state(): unknown;
  keep(state: unknown): void;
}

export function openChannel<Out, In extends z.ZodMiniType>(
  incoming: In,
  outgoing: z.ZodMiniType<Out>,
  receive: (message: z.infer<In>) => void,
): Channel<Out> {
  const api = acquireVsCodeApi();
  addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    const checked = incoming.safeParse(data);
    if (checked.success) receive(checked.data as z.infer<In>);
  });
  return {
    post(message) {
      const checked = outgoing.safeParse(message);
      if (checked.success) api.postMessage(checked.data);
    },
    state: () => api.getState(),
    keep: (state) => api.setState(state),
  };
}
