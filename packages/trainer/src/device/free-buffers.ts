import { MessageChannel } from "node:worker_threads";

/** A port that leads nowhere. */
const { port1: nowhere } = new MessageChannel();
nowhere.close();

/**
 * Gives the memory of buffers back at once. The garbage collector would do it too, but it looks at the heap of objects, where a buffer of 100 MB is a few bytes: a
 * training that drops some with every step holds hundreds of megabytes of them. Their contents are moved to a closed port, where nobody takes them; the buffers are
 * empty afterwards.
 */
export function freeBuffers(buffers: readonly ArrayBufferLike[]): void {
  const own = buffers.filter(
    (each): each is ArrayBuffer => each instanceof ArrayBuffer && each.byteLength > 0,
  );
  if (own.length > 0) nowhere.postMessage(null, own);
}
