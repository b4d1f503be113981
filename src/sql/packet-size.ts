/** What a client and the server put around a text in the packet that counts, as 8.0.12 and 9.7.4 do. */
const overhead = 4

/** Whether a server takes a statement of so many bytes: one that it does not take ends the connection. */
export function fitsPacket(bytes: number, maxAllowedPacket: number): boolean {
  return bytes + overhead <= maxAllowedPacket
}
