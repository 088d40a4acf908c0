const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let word = byte;
  for (let bit = 0; bit < 8; bit++) word = word & 1 ? (word >>> 1) ^ 0xedb88320 : word >>> 1;
  return word;
});

/** CRC-32 of PNG (ISO 3309). `zlib.crc32` exists only from Node 22.2. */
export function crc32(bytes: Uint8Array): number {
  let word = 0xffffffff;
  for (const byte of bytes) word = table[(word ^ byte) & 255]! ^ (word >>> 8);
  return (word ^ 0xffffffff) >>> 0;
}
