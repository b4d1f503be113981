/** What a packet does to its server, as far as the record of runs must know. */
export type Effect = 'reads' | 'writes' | 'creates-schema' | 'drops-schema'

const quoted = /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`/gs
const comment = /\/\*(?!!)[\s\S]*?\*\/|(?:^|\n)\s*(?:--\s|#)[^\n]*/g

const writing =
  /^(?:alter|analyze|call|create|delete|drop|execute|flush|grant|import|insert|install|kill\s+(?!query)|load|optimize|purge|rename|repair|replace|reset|restart|revoke|truncate|uninstall|update|xa|set\s+(?:global|persist|@@global|@@persist)|with\b[\s\S]*\b(?:update|delete)\b)\b/i

/** Reads the first words of each statement. Statements that change the session alone, and those that look, read. */
export function effectOf(packet: string): Effect {
  const statements = packet
    .replace(quoted, "''")
    .replace(comment, ' ')
    .split(';')
    .map((text) => text.trim())
  const effects = statements.map((text): Effect => {
    if (!writing.test(text)) return 'reads'
    if (/^create\s+(?:database|schema)\b/i.test(text)) return 'creates-schema'
    return /^drop\s+(?:database|schema)\b/i.test(text) ? 'drops-schema' : 'writes'
  })
  return effects.find((effect) => effect !== 'reads') ?? 'reads'
}
