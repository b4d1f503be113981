import * as z from 'zod/mini'
import { checkedText, described } from './schema-parts.ts'

/** How a connection is encrypted, to MySQL and to any store. */
export const tls = z.strictObject({
  ca: described('File with the authority that signed the server, in PEM form.', z.optional(z.string())),
  cert: described("File with the client's certificate, in PEM form.", z.optional(z.string())),
  key: described("File with the client's private key, in PEM form.", z.optional(z.string())),
  verify: described('False accepts any certificate of the server.', z.optional(z.boolean())),
})

/** What may be said of the encryption of a connection to MySQL without naming certificates. */
const encryptions: readonly string[] = ['disabled', 'preferred', 'required']

const encryption = checkedText((text) =>
  encryptions.includes(text)
    ? null
    : {
        why: `must be "disabled", "preferred" or "required", not ${JSON.stringify(text)}`,
        next: 'To have the server proven, write an object: {"ca": "ca.pem"}.',
      },
)
// Editors offer the words, though a fault of them is explained by the check.
z.globalRegistry.add(encryption, { enum: [...encryptions] })

/** How a connection to MySQL is encrypted: a word, or certificates, which make encryption required and the server proven. */
export const serverTls = z.union([tls, encryption])

/** Its keys, for naming the one that was meant. */
export const tlsKeys: readonly string[] = Object.keys(tls.shape)
