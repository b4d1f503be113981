/** A `${...}` that cannot be parsed. */
interface InterpolationFault {
  readonly path: string
  readonly why: string
}

export interface Interpolation {
  /** A copy with every reference replaced; a text that cannot be replaced is left as it was. */
  readonly value: unknown
  /** The variable that such a text needs and that is not set, by path. */
  readonly missing: ReadonlyMap<string, string>
  readonly faults: readonly InterpolationFault[]
}

type Environment = Readonly<Record<string, string | undefined>>

type TextOutcome =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'missing'; readonly variable: string }
  | { readonly type: 'fault'; readonly why: string }

/**
 * Replaces `${NAME}` and `${NAME:-default}` in every string of a document; `$${` stands for `${`. As in a shell, the
 * default also replaces a variable that is set but empty. Defaults are used literally.
 */
export function interpolate(document: unknown, environment: Environment): Interpolation {
  const missing = new Map<string, string>()
  const faults: InterpolationFault[] = []
  const visit = (value: unknown, path: readonly PropertyKey[]): unknown => {
    if (typeof value === 'string') {
      const outcome = interpolateText(value, environment)
      if (outcome.type === 'text') return outcome.text
      if (outcome.type === 'missing') missing.set(pathText(path), outcome.variable)
      else faults.push({ path: pathText(path), why: outcome.why })
      return value
    }
    if (Array.isArray(value)) return value.map((item, index) => visit(item, [...path, index]))
    if (!isPlainObject(value)) return value
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visit(item, [...path, key])]))
  }
  return { value: visit(document, []), missing, faults }
}

/** True for what JSON calls an object. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function interpolateText(text: string, environment: Environment): TextOutcome {
  let result = ''
  let at = 0
  for (const match of text.matchAll(/\$\$\{|\$\{([^}]*)(\}?)/g)) {
    result += text.slice(at, match.index)
    at = match.index + match[0].length
    if (match[0] === '$${') {
      result += '${'
      continue
    }
    if (match[2] === '') return { type: 'fault', why: `contains a "\${" without a closing "}"` }
    const reference = /^([A-Za-z_]\w*)(?::-(.*))?$/s.exec(match[1] ?? '')
    if (reference === null)
      return { type: 'fault', why: `contains a reference that is neither \${NAME} nor \${NAME:-default}` }
    const [, variable = '', fallback] = reference
    const value = environment[variable]
    const used = fallback !== undefined && (value === undefined || value === '') ? fallback : value
    if (used === undefined) return { type: 'missing', variable }
    result += used
  }
  return { type: 'text', text: result + text.slice(at) }
}

/** A path into the configuration as people write it: `databases.user_db.url`, `databases["my db"]`. */
export function pathText(segments: readonly PropertyKey[]): string {
  let text = ''
  for (const segment of segments) {
    if (typeof segment === 'number') text += `[${segment}]`
    else if (/^[$\w-]+$/.test(String(segment))) text += text === '' ? String(segment) : `.${String(segment)}`
    else text += `[${JSON.stringify(String(segment))}]`
  }
  return text
}
