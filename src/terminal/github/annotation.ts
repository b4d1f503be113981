/** A remark on a line of a pull request. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  readonly message: string
  readonly title?: string | undefined
  /** Relative to the repository's root. */
  readonly file?: string | undefined
  readonly line?: number | undefined
  readonly column?: number | undefined
}

/**
 * A workflow command of GitHub Actions: `::error file=a.sql,line=3,col=5,title=...::message`. What would end the message or a
 * property early is escaped by the rules of actions/toolkit (packages/core, command.ts).
 */
export function formatAnnotation(annotation: Annotation): string {
  const { level, message, title, file, line, column } = annotation
  const properties = Object.entries({ file, line, col: column, title })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`)
    .join(',')
  return `::${level}${properties === '' ? '' : ` ${properties}`}::${escapeData(message)}`
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
