import type { StoreKind } from '../../core/store.ts'
import { nextLines, type Page, symbol } from '../../terminal/human/page.ts'
import { type Line, type Span, toned } from '../../terminal/text/span.ts'
import { alignTable } from '../../terminal/text/table.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'

/** The answer of `sandbox up`, `sandbox status` and `sandbox down`. */
export interface SandboxResult {
  readonly kind: 'sandbox'
  readonly state: 'running' | 'stopped' | 'absent'
  readonly provider: 'url' | 'docker' | 'installed' | 'portable' | null
  readonly version: string | null
  readonly url: string | null
  readonly directory: string | null
  /** Its stores other than MySQL. `partly`: some of their servers run. */
  readonly stores: readonly {
    readonly store: StoreKind
    readonly state: 'running' | 'partly' | 'stopped'
    readonly version: string | null
    readonly ports: readonly number[]
  }[]
  readonly next: readonly string[]
}

export const sandboxView: View<SandboxResult> = {
  render: renderSandbox,
}

const providers = {
  url: 'a server that was already running',
  docker: 'a container of the official image',
  installed: 'the installed mysqld',
  portable: "Debian's packages, unpacked in the cache of wwdb",
} as const

/** Whether the sandbox runs, its version and address, and what to do with it. */
function renderSandbox(result: SandboxResult, page: Page): readonly Line[] {
  const facts: readonly (readonly [string, string | null])[] = [
    ['Server', result.version === null ? null : `MySQL ${result.version}`],
    ['From', result.provider === null ? null : providers[result.provider]],
    ['URL', result.url],
    ['Data', result.directory],
    ...result.stores.map(describeStore),
  ]
  const rows = facts.flatMap(([name, value]) => (value === null ? [] : [[[toned('faint', name)], [value]] as const]))
  return [
    ...wrapLine([signOf(result.state), ' ', `The sandbox is ${result.state}.`], page.columns, 2),
    ...alignTable(rows, { columns: page.columns, indent: 2, flexible: [1] }),
    ...nextLines(result.next, page),
  ]
}

function describeStore({ store, state, version, ports }: SandboxResult['stores'][number]): readonly [string, string] {
  const port = ports.length === 1 ? `port ${ports[0]}` : `ports ${ports[0]} to ${ports.at(-1)}`
  return [store, `${version === null ? '' : `${version}, `}${state === 'partly' ? 'partly running' : state}, ${port}`]
}

function signOf(state: SandboxResult['state']): Span {
  return state === 'running' ? symbol('good') : symbol('idle')
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly sandbox: SandboxResult
  }
}
