/** What everybody tries first; digits that stand for letters are read as letters before. */
const known = [
  'administrator',
  'superadmin',
  'password',
  'passwort',
  'changeme',
  'iloveyou',
  'welcome',
  'letmein',
  'default',
  'monkey',
  'dragon',
  'master',
  'secret',
  'wework',
  'qwerty',
  'admin',
  'login',
  'guest',
  'mima',
  'root',
  'test',
  'user',
] as const
const rows = ['abcdefghijklmnopqrstuvwxyz', '01234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm', '!@#$%^&*()'] as const

const shortest = 12
/** From here on the kinds of characters do not matter: length alone is enough. */
const long = 20
const fewestDifferent = 6
/** Characters that must be left when all that is well known is taken away. */
const fewestOwn = 6
const most = 1024

/** Why nobody should guard a platform with this password; empty for one that will do. Says nothing of the password itself. */
export function judgePassword(password: string, username: string): readonly string[] {
  const characters = [...password]
  const reasons: string[] = []
  if (characters.length < shortest) reasons.push(`it has fewer than ${shortest} characters`)
  if (characters.length > most) reasons.push(`it has more than ${most} characters`)
  if (/\p{Cc}/u.test(password)) reasons.push('it holds a control character')
  if (new Set(characters).size < fewestDifferent)
    reasons.push(`it has fewer than ${fewestDifferent} different characters`)
  if (characters.length < long && countKinds(password) < 3)
    reasons.push(`below ${long} characters it needs three of: capital letters, small letters, digits, other characters`)
  if (holdsName(password, username)) reasons.push('it holds the name of the user')
  else if ([...withoutKnown(password)].length < fewestOwn)
    reasons.push('it is made of well-known words and sequences, which are tried first')
  return reasons
}

function countKinds(password: string): number {
  return [/\p{Lu}/u, /\p{Ll}/u, /\p{Nd}/u, /[^\p{Lu}\p{Ll}\p{Nd}]/u].filter((kind) => kind.test(password)).length
}

function holdsName(password: string, username: string): boolean {
  const [text, name] = [password.toLowerCase(), username.toLowerCase()]
  return name.length >= 3 && (text.includes(name) || text.includes([...name].reverse().join('')))
}

const readAs: Readonly<Record<string, string>> = { 0: 'o', 1: 'i', 3: 'e', 4: 'a', 5: 's', 7: 't', '@': 'a', $: 's' }

function withoutKnown(password: string): string {
  const plain = withoutRuns(password.toLowerCase())
  const read = plain.replace(/[013457@$]/g, (sign) => readAs[sign] ?? sign)
  return known.reduce((text, word) => text.replaceAll(word, ''), read)
}

/** Takes away `1234`, `qwert`, `zyx` and `aaaa`: three or more in a row, forward, backward or the same. */
function withoutRuns(text: string): string {
  const lines = rows.flatMap((row) => [row, [...row].reverse().join('')])
  let left = text.replace(/(.)\1{2,}/gu, '')
  for (let at = 0; at + 3 <= left.length; ) {
    let length = 0
    for (const line of lines)
      while (at + length < left.length && length < line.length && line.includes(left.slice(at, at + length + 1)))
        length += 1
    if (length >= 3) left = left.slice(0, at) + left.slice(at + length)
    else at += 1
  }
  return left
}
