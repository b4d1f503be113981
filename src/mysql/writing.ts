/** What a packet does to its server, as far as it concerns the record of runs. */
export type Effect = 'reads' | 'writes' | 'creates-schema' | 'drops-schema'

const text = /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`/gs
const comment = /\/\*(?!!)[\s\S]*?\*\/|(?:^|\n)\s*(?:--\s|#)[^\n]*/g

const plainWords =
  'alter|analyze|call|create|delete|drop|execute|flush|grant|import|insert|install|load|optimize|purge|rename|repair|replace|reset|restart|revoke|truncate|uninstall|update'

const writing = new RegExp(
  String.raw`^(?:${plainWords}|kill\s+(?!query)|xa\s+(?!recover)|set\s+(?:global|persist|@@global|@@persist)|with\b[\s\S]*\b(?:update|delete)\b)\b`,
  'i',
)

/** A packet without any of these words writes nothing, and is not taken apart: that would take longer than sending it. */
const writingWord = new RegExp(String.raw`\b(?:${plainWords}|kill|xa|set|with)\b`, 'i')

/** The table that a statement fills or empties, where the statement names it at its beginning. */
const target = /^(?:insert|replace|delete|truncate|update)\s+(?:ignore\s+)?(?:into\s+|from\s+|table\s+)?(\w+)/i

/** Quoted text is not a statement: strings are removed, and of a name only what cannot be misread remains. */
function hideQuoted(quoted: string): string {
  return quoted.startsWith('`') ? quoted.slice(1, -1).replace(/\W/g, '_') : "''"
}

/**
 * Reads the first words of each statement. Statements that change only the session, and queries, count as reads; so do those on temporary tables, which end with the session.
 * @param temporary names of the session's temporary tables; a table that the packet creates is added
 */
export function effectOf(packet: string, temporary: Set<string> = new Set()): Effect {
  if (!writingWord.test(packet)) return 'reads'
  const statements = packet
    .replace(text, hideQuoted)
    .replace(comment, ' ')
    .split(';')
    .map((statement) => statement.trim())
  const effects = statements.map((statement): Effect => {
    const created = /^create\s+temporary\s+table\s+(?:if\s+not\s+exists\s+)?(\w+)/i.exec(statement)?.[1]
    if (created !== undefined) temporary.add(created)
    const dropped = /^drop\s+temporary\s+table\s+(?:if\s+exists\s+)?(.*)/is.exec(statement)?.[1]
    for (const name of dropped?.match(/\w+/g) ?? []) temporary.delete(name)
    if (created !== undefined || dropped !== undefined) return 'reads'
    if (!writing.test(statement) || temporary.has(target.exec(statement)?.[1] ?? '')) return 'reads'
    if (/^create\s+(?:database|schema)\b/i.test(statement)) return 'creates-schema'
    return /^drop\s+(?:database|schema)\b/i.test(statement) ? 'drops-schema' : 'writes'
  })
  return effects.find((effect) => effect !== 'reads') ?? 'reads'
}
