/** The names that a test file gives to its tests and groups, in the order of the file. */
export function namesOfTests(text: string): readonly string[] {
  return listNames(text).map(({ name }) => name)
}

export interface NamedTest {
  readonly kind: 'test' | 'describe'
  readonly name: string
  /** Columns before it: a test stands under the nearest group above it with fewer. */
  readonly indent: number
  readonly line: number
}

/** Tests and groups with a name that is written as text; one whose name is computed is left out. */
export function listNames(text: string): readonly NamedTest[] {
  const calls =
    /^([ \t]*)(?:await )?(test|it|describe)\b[^'"`\n]*(?:\([^()]*\))?[^'"`\n]*\(\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`)/gm
  return [...text.matchAll(calls)].map(
    ({ 1: indent = '', 2: word = '', 3: single, 4: double, 5: template, index }) => ({
      kind: word === 'describe' ? 'describe' : 'test',
      name: (single ?? double ?? template ?? '').replaceAll("\\'", "'"),
      indent: indent.length,
      line: text.slice(0, index).split('\n').length,
    }),
  )
}
