/** An identifier in backticks (manual, "Schema Object Names": a backtick inside is doubled). */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

/** `schema`.`name`, or the bare name for the session's schema. */
export function quoteQualified(schema: string | null, name: string): string {
  return schema === null ? quoteName(name) : `${quoteName(schema)}.${quoteName(name)}`
}

const plain = /^[\w .:,/()@+-]*$/

/**
 * A string literal that reads the same under every sql_mode: plain characters in single quotes, anything else as
 * hexadecimal, because NO_BACKSLASH_ESCAPES and ANSI_QUOTES change the meaning of quotes and backslashes.
 */
export function quoteString(text: string): string {
  if (plain.test(text)) return `'${text}'`
  return `CONVERT(0x${Buffer.from(text, 'utf8').toString('hex')} USING utf8mb4)`
}

/** A whole schema in the form of GRANT: `_` and `%` would be wildcards (manual, "GRANT Statement"). */
export function quoteGrantPlace(schema: string): string {
  return `${quoteName(schema.replace(/[_%]/g, '\\$&'))}.*`
}

/** `user@host` in the form of statements on accounts. */
export function quoteAccount(account: string): string {
  const at = account.lastIndexOf('@')
  const quote = (part: string): string => `'${part.replaceAll("'", "''")}'`
  return at === -1 ? quote(account) : `${quote(account.slice(0, at))}@${quote(account.slice(at + 1))}`
}
