import * as z from 'zod/mini'
import { described } from './schema-parts.ts'

/** How a connection is encrypted, to MySQL and to any store. */
export const tls = z.strictObject({
  ca: described('File with the authority that signed the server, in PEM form.', z.optional(z.string())),
  cert: described("File with the client's certificate, in PEM form.", z.optional(z.string())),
  key: described("File with the client's private key, in PEM form.", z.optional(z.string())),
  verify: described('False accepts any certificate of the server.', z.optional(z.boolean())),
})

/** Its keys, for naming the one that was meant. */
export const tlsKeys: readonly string[] = Object.keys(tls.shape)
