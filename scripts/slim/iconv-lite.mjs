// Replaces iconv-lite in the bundle (100 KB): mysql2 asks it only for character sets that Node's Buffer does not know,
// and Node decodes those itself. Our connections speak utf8mb4; only a migration's own SET NAMES makes the server answer
// otherwise, and what we send is UTF-8 in any case.
/** mysql2 calls MySQL's utf8mb3 cesu8; it holds no character outside the basic plane, and within it both are UTF-8. */
export function getDecoder(encoding) {
  const decoder = new TextDecoder(encoding === 'cesu8' ? 'utf-8' : encoding)
  return { write: (buffer) => decoder.decode(buffer, { stream: true }), end: () => decoder.decode() }
}

export function getEncoder() {
  return { write: (text) => Buffer.from(text, 'utf8'), end: () => undefined }
}
