import { inspect } from 'node:util'
import type { ConfigEntry, Result } from '../../core/result.ts'
import { printable } from '../text/printable.ts'
import { type Line, toned } from '../text/span.ts'
import { alignTable } from '../text/table.ts'
import { wrapLine } from '../text/wrap.ts'
import type { Page } from './page.ts'

type ConfigResult = Extract<Result, { readonly kind: 'config' }>

/** Every value with where it came from; secrets are `***`. */
export function renderConfig(result: ConfigResult, page: Page): readonly Line[] {
  const file = result.file === null ? 'No configuration file.' : `File: ${result.file}`
  const environment = result.environment === null ? [] : wrapLine([`Environment: ${result.environment}`], page.columns)
  return [
    ...wrapLine([file], page.columns, 6),
    ...environment,
    ...alignTable(result.entries.map(row), { columns: page.columns, indent: 2, flexible: [1, 0] }),
  ]
}

function row(entry: ConfigEntry): readonly Line[] {
  const source: Line = [toned(entry.source === 'default' ? 'faint' : 'active', entry.source)]
  return [[entry.path], [describeValue(entry.value)], source]
}

function describeValue(value: unknown): string {
  if (value === null || value === undefined) return '-'
  if (typeof value === 'string') return value
  return printable(inspect(value, { depth: 4, breakLength: Number.POSITIVE_INFINITY }))
}
