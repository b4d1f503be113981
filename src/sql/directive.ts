/** The name and argument of a line comment that speaks to this tool. */
export interface Directive {
  readonly name: string
  readonly argument: string
}

const start = /--[ \t]+(?:migrate|wwdb):/y
const migrate = /^--[ \t]+migrate:([a-z]\S*)([\s\S]*)$/
const wwdb = /^--[ \t]+wwdb:([A-Za-z][\w-]*)([\s\S]*)$/

/** Whether a line comment at `at` may be a directive; the whole line decides. */
export function mayBeDirective(text: string, at: number): boolean {
  start.lastIndex = at
  return start.test(text)
}

/** How many characters `mayBeDirective` may need beyond the usual: blanks after the dashes are unlimited. */
export function needsWholeLine(text: string, at: number): boolean {
  return /^--[ \t]*(?:m|mi|mig|migr|migra|migrat|migrate|w|ww|wwd|wwdb)?$/.test(text.slice(at))
}

/** Reads a line comment, without its line end; null when it is an ordinary one. */
export function readDirective(line: string): Directive | null {
  const section = migrate.exec(line)
  if (section !== null) return { name: 'migrate', argument: `${section[1]}${section[2]}`.trim() }
  const own = wwdb.exec(line)
  if (own !== null) return { name: own[1] ?? '', argument: (own[2] ?? '').trim() }
  return null
}

/** `-- migrate:up` and `-- migrate:down` begin a part of the file: they end a statement that lacks its delimiter. */
export function beginsPart(directive: Directive): boolean {
  return directive.name === 'migrate' && /^(?:up|down)(?:\s|$)/.test(directive.argument)
}
