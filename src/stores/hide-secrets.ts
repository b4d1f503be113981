/** What stands for something that may be a secret. */
const hidden = '***'

/** An address: its scheme, what stands before the path, and the rest, each of which may have a token in it, as with Slack and Telegram. */
const address = /\b([a-z][a-z0-9+.-]*:\/\/)([^\s"'`<>/?#]*)([/?#][^\s"'`<>]*)?/gi

/** Hosts with their ports, several with commas as MongoDB has them. */
const hosts = /^(?:(?:\[[\da-f:.%]*\]|[\p{L}\p{N}_.-]*)(?::\d*)?(?:,(?=.)|$))*$/iu

/** What says that a secret follows, as in headers, in forms and in scripts; a part of a longer name, too: `client_secret`, `access_token`. */
const named =
  /((?:proxy-)?authorization|(?:access|account|api|client|encryption|private|routing|secret|service|shared|signing)[-_ ]?key|(?<=\w)[-_]key|token|(?<![a-z])pass(?:word|wd|phrase)?|passwords?|passwd|requirepass|masterauth|pwd|secret|credentials?)(\\*["'`]?\s*(?:=>|[:=])\s*)/gi

/** A quotation mark, with as many backslashes as the text is nested in others. */
const opening = /(\\*)(["'`])/y

/** What a value without quotation marks has before it, and the value. */
const bare = /((?:apikey|basic|bearer|token)\s+)?([^\s"'`,;)}\]\\]+)/iy

/** The same in a header, whose scheme can be any word. */
const header = /([a-z][\w-]*\s+)?([^\s"'`,;)}\]\\]+)/iy

/** An address whose password has a blank or a quotation mark in it: what looks like a port is none without a host before it. */
const broken =
  /\b([a-z][a-z0-9+.-]*:\/\/)(?:|(?!\[)[^\s"'`<>/?#:@]+(?!:\d{1,5}(?:[\s"'`<>/?#,;)]|$))):[^\s"'`<>@]*[\s"'`<>][^\n@]*@[^\s"'`<>]*/gi

/** A header whose scheme has parameters, each of which may be a secret: to the end of the line. */
const parameters = /(?:digest|aws4-[\w-]+)\s[^\n]*/iy

/** Where nothing stands between the name and what follows it, as in a command: a word in prose has no digit. */
const spaced =
  /\b(pass(?:word|wd|phrase)?|pwd|requirepass|masterauth|secret|token)(\s+)(?=[^\s"'`,;)}\]]*\d)[^\s"'`,;)}\]:=]{6,}/gi

/** A rule of Redis that gives a user a password, or takes it away. */
const rule = /(?<=^|[\s"'`,[(])([<>])(?=[^\s"'`]*[a-z])[^\s"'`,)\]=<>][^\s"'`,)\]]{3,}/gi

/** The same where only the scheme of a header stands before it. */
const scheme = /\b(apikey|basic|bearer|token)(\s+)(?=[^\s"'`,;)}\]]*\d)[^\s"'`,;)}\]]{8,}/gi

/** Long and of letters of both cases and digits, or of hexadecimal digits alone, as nobody names a bucket. */
const opaque = /(?<![\w+/-])(?=[\w+/-]*[a-z])(?=[\w+/-]*[A-Z])(?=[\w+/-]*\d)[\w+/-]{20,}={0,2}|\b[0-9a-f]{32,}\b/g

/** What a server says, without what may be a secret in it: what follows the host of an address, and values of headers, keys and passwords. */
export function hideSecrets(text: string): string {
  const withoutAddresses = text
    .replaceAll(broken, `$1${hidden}`)
    .replaceAll(
      address,
      (_, start: string, authority: string, rest: string = '') => `${start}${showHost(authority, rest)}`,
    )
  return hideNamed(withoutAddresses)
    .replaceAll(scheme, `$1$2${hidden}`)
    .replaceAll(spaced, `$1$2${hidden}`)
    .replaceAll(rule, `$1${hidden}`)
}

/** The same for what a server says of a script that a person wrote, in which a token can stand anywhere. */
export function hideOpaque(text: string): string {
  return hideSecrets(text).replaceAll(opaque, hidden)
}

/** The host of an address. A password can have any sign in it: where it is not clear what is the host, none is shown. */
function showHost(authority: string, rest: string): string {
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  if (rest.includes('@') || !hosts.test(host)) return hidden
  return rest === '' || rest === '/' ? `${host}${rest}` : `${host}/${hidden}`
}

/** Hides the value after each name that says it is a secret. */
function hideNamed(text: string): string {
  let shown = ''
  let place = 0
  for (const found of text.matchAll(named)) {
    const [whole, name = '', sign = ''] = found
    const start = found.index + whole.length
    // The name is a part of a value that is hidden already.
    if (found.index < place) continue
    const end = endOfValue(text, start, name, sign)
    if (end === start) continue
    const mark = readAt(opening, text, start)?.[0] ?? ''
    shown += `${text.slice(place, start)}${mark}${hidden}`
    place = end
  }
  return shown + text.slice(place)
}

/** Where the value that begins there ends; the beginning itself where nothing is to be hidden. */
function endOfValue(text: string, start: number, name: string, sign: string): number {
  const quoted = readAt(opening, text, start)
  if (quoted !== null) {
    const [mark, slashes = '', quote = ''] = quoted
    return endOfQuoted(text, start + mark.length, slashes.length, quote)
  }
  if (text[start] === '[' || text[start] === '{') return endOfGroup(text, start)
  const isHeader = /authorization$/i.test(name)
  const several = isHeader ? readAt(parameters, text, start) : null
  if (several !== null) return start + several[0].length
  const found = readAt(isHeader ? header : bare, text, start)
  if (found === null) return start
  const [whole, way, value = ''] = found
  return way === undefined && isProse(name, sign, value, text.slice(start + whole.length))
    ? start
    : start + whole.length
}

/** A list or a map goes to the bracket that closes it; one that was cut off, to the end of the text. */
function endOfGroup(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at += 1) {
    const sign = text[at]
    if (sign === '[' || sign === '{') depth += 1
    if (sign === ']' || sign === '}') depth -= 1
    if (depth === 0) return at + 1
  }
  return text.length
}

/** A quotation mark with more backslashes belongs to the value; a text that was cut off is hidden to its end. */
function endOfQuoted(text: string, start: number, slashes: number, quote: string): number {
  for (let end = text.indexOf(quote, start); end !== -1; end = text.indexOf(quote, end + 1)) {
    // Twice, as YAML and SQL write one that belongs to the value.
    if (quote === "'" && slashes === 0 && text[end + 1] === quote) {
      end += 1
      continue
    }
    let first = end
    while (first > start && text[first - 1] === '\\') first -= 1
    if ((end - first) % (2 * slashes + 2) !== 2 * slashes + 1) return Math.max(start, end - slashes)
  }
  return text.length
}

/** True for a sentence that goes on: `the rights of the token: unauthorized access`. */
function isProse(name: string, sign: string, value: string, rest: string): boolean {
  return /^token$/i.test(name) && /^:\s+$/.test(sign) && /^[a-z]+$/.test(value) && /^ [a-z]+/.test(rest)
}

/** @param pattern sticky */
function readAt(pattern: RegExp, text: string, start: number): RegExpExecArray | null {
  pattern.lastIndex = start
  return pattern.exec(text)
}
