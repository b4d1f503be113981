import type { Result } from '../../core/result.ts'
import { nextLines, type Page, symbol } from '../../terminal/human/page.ts'
import { type Line, type Span, toned } from '../../terminal/text/span.ts'
import { alignTable } from '../../terminal/text/table.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'

export const sandboxView: View<Extract<Result, { readonly kind: 'sandbox' }>> = {
  render: renderSandbox,
}

type SandboxResult = Extract<Result, { readonly kind: 'sandbox' }>

const providers = {
  url: 'a server that was there already',
  docker: 'a container of the official image',
  installed: 'the mysqld of this machine',
  portable: "Debian's packages, unpacked beside the project",
} as const

/** Whether the sandbox runs, what it is, where it listens, and what to do with it. */
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
