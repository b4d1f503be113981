import { quoteName } from '../sql/quote-name.ts'
import type { Connection } from './connection.ts'

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
  const { rows } = await connection.ask(`SELECT ${names.map((name) => selectValue(`@${quoteName(name)}`)).join(',')}`)
  const values: Record<string, string> = {}
  for (const [index, name] of names.entries()) {
    const [hex, charset, text, kind] = (rows[0] ?? []).slice(index * 4, index * 4 + 4)
    values[name] = toLiteral(hex, charset, text, kind)
  }
  return values
}

/**
 * JSON alone tells a number from bytes, and a double from a decimal: it is asked where CHARSET() says binary for all of them.
 * Its path says its character set: under `SET NAMES binary` it would be bytes, which no path may be.
 */
function selectValue(value: string): string {
  const kind = `IF(CHARSET(${value})='binary',JSON_TYPE(JSON_EXTRACT(JSON_ARRAY(${value}),_utf8mb4'$[0]')),NULL)`
  return `HEX(${value}),CHARSET(${value}),CAST(${value} AS CHAR),${kind}`
}

const numbers: ReadonlySet<unknown> = new Set(['INTEGER', 'UNSIGNED INTEGER', 'DECIMAL'])

function toLiteral(hex: unknown, charset: unknown, text: unknown, kind: unknown): string {
  if (hex === null || hex === undefined) return 'NULL'
  if (charset !== 'binary') return `CONVERT(x'${String(hex)}' USING ${String(charset)})`
  if (kind === 'DOUBLE') return /e/i.test(String(text)) ? String(text) : `${String(text)}e0`
  return numbers.has(kind) ? String(text) : `x'${String(hex)}'`
}

/** The SET that gives remembered variables back; null when there are none. */
export function assignVariables(variables: Readonly<Record<string, string>>): string | null {
  const parts = Object.entries(variables).map(([name, literal]) => `@${quoteName(name)} = ${literal}`)
  return parts.length === 0 ? null : `SET ${parts.join(', ')}`
}
