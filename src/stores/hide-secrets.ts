/** What stands for something that may be a secret. */
const hidden = '***'

/** Scheme and host of an address; what follows them, or stands before the `@`, may be a token, as with Slack and Telegram. */
const address = /\b([a-z][a-z0-9+.-]*:\/\/)(?:[^\s"'`<>/@]*@)?([^\s"'`<>/?#@]*)([/?#][^\s"'`<>]*)?/gi

/** What says that a secret follows, as in headers, in forms and in scripts. */
const named =
  /\b((?:proxy-)?authorization|(?:access|api|routing|private|service)[-_ ]?key|token|pass(?:word|wd|phrase)?|secret|credentials?)(["'`]?\s*[:=]\s*["'`]?)((?:basic|bearer|token)\s+)?([^\s"'`,;)}\]]+)/gi

/** The same where only the scheme of a header stands before it. */
const scheme = /\b(basic|bearer|token)(\s+)(?=[^\s"'`,;)}\]]*\d)[^\s"'`,;)}\]]{8,}/gi

/** Long and of letters of both cases and digits, or of hexadecimal digits alone, as nobody names a bucket. */
const opaque = /(?<![\w+/-])(?=[\w+/-]*[a-z])(?=[\w+/-]*[A-Z])(?=[\w+/-]*\d)[\w+/-]{20,}={0,2}|\b[0-9a-f]{32,}\b/g

/** True for a sentence that goes on: `the rights of the token: unauthorized access`. */
function isProse(name: string, sign: string, value: string): boolean {
  return /^:\s+$/.test(sign) && !/authorization|key/i.test(name) && /^[a-z]+$/.test(value)
}

/** What a server says, without what may be a secret in it: what follows the host of an address, and values of headers, keys and passwords. */
export function hideSecrets(text: string): string {
  return text
    .replaceAll(
      address,
      (_, start: string, host: string, rest: string = '') =>
        `${start}${host}${rest === '' || rest === '/' ? rest : `/${hidden}`}`,
    )
    .replaceAll(named, (whole, name: string, sign: string, way: string | undefined, value: string) =>
      way === undefined && isProse(name, sign, value) ? whole : `${name}${sign}${hidden}`,
    )
    .replaceAll(scheme, `$1$2${hidden}`)
}

/** The same for what a server says of a script that a person wrote, in which a token can stand anywhere. */
export function hideOpaque(text: string): string {
  return hideSecrets(text).replaceAll(opaque, hidden)
}
