import type { Connection } from './connection.ts'
import { quoteName } from './literals.ts'

/**
 * The values of user variables as SQL literals that give the same value and kind back: numbers as they print, texts and
 * bytes as hexadecimal with their character set, NULL. Needed because replaying `SET @id = LAST_INSERT_ID()` on a new
 * connection would set another value.
 */
export async function readVariables(
  connection: Connection,
  names: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  if (names.length === 0) return {}
  const columns = names.map(
    (name) => `HEX(@${quoteName(name)}),CHARSET(@${quoteName(name)}),CAST(@${quoteName(name)} AS CHAR)`,
  )
  const { rows } = await connection.ask(`SELECT ${columns.join(',')}`)
  const values: Record<string, string> = {}
  for (const [index, name] of names.entries()) {
    const [hex, charset, text] = (rows[0] ?? []).slice(index * 3, index * 3 + 3)
    values[name] = toLiteral(hex, charset, text)
  }
  return values
}

function toLiteral(hex: unknown, charset: unknown, text: unknown): string {
  if (hex === null || hex === undefined) return 'NULL'
  if (charset !== 'binary') return `CONVERT(x'${String(hex)}' USING ${String(charset)})`
  // CHARSET() of a number is binary, and so is that of bytes. HEX() of a number is the number in base 16, of bytes their
  // codes; bytes that are no text in the connection's character set have none at all.
  const isNumber = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(String(text)) && codesOf(String(text)) !== hex
  return isNumber ? String(text) : `x'${String(hex)}'`
}

function codesOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex').toUpperCase()
}

/** The SET that gives remembered variables back; null when there are none. */
export function assignVariables(variables: Readonly<Record<string, string>>): string | null {
  const parts = Object.entries(variables).map(([name, literal]) => `@${quoteName(name)} = ${literal}`)
  return parts.length === 0 ? null : `SET ${parts.join(', ')}`
}
