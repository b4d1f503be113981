export interface NamedTest {
  readonly kind: 'test' | 'describe'
  readonly name: string
  /** Columns before it: a test stands under the nearest group above it with fewer. */
  readonly indent: number
  readonly line: number
}

/** Tests whose name is written as text, and all groups; the name of a group is empty where it is computed or on another line. */
export function listNames(text: string): readonly NamedTest[] {
  const calls =
    /^([ \t]*)(?:await )?(test|it|describe(?:[A-Z]\w*)?)\b[^'"`\n]*(?:\([^()]*\))?[^'"`\n]*\(\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/gm
  const named: NamedTest[] = [...text.matchAll(calls)].map(
    ({ 1: indent = '', 2: word = '', 3: single, 4: double, 5: template, index }) => ({
      kind: word.startsWith('describe') ? 'describe' : 'test',
      name: (single ?? double ?? template ?? '').replaceAll("\\'", "'"),
      indent: indent.length,
      line: text.slice(0, index).split('\n').length,
    }),
  )
  const lines = new Set(named.map(({ line }) => line))
  const groups = [...text.matchAll(/^([ \t]*)describe(?:[A-Z]\w*)?\b/gm)].map(({ 1: indent = '', index }) => ({
    kind: 'describe' as const,
    name: '',
    indent: indent.length,
    line: text.slice(0, index).split('\n').length,
  }))
  return [...named, ...groups.filter(({ line }) => !lines.has(line))].sort((one, other) => one.line - other.line)
}
