/** The bytes that client and server add to a text in the packet that counts, as measured on 8.0.12 and 9.7.4. */
const overhead = 4

/** Whether a server accepts a statement of this size: a statement that is too large ends the connection. */
export function fitsPacket(bytes: number, maxAllowedPacket: number): boolean {
  return bytes + overhead <= maxAllowedPacket
}
