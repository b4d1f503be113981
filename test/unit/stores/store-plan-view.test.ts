import { expect, it } from 'vitest'
import { storePlanView } from '../../../src/stores/commands/stores-view.ts'
import type { StoreChange } from '../../../src/stores/store-plan.ts'
import { spanText } from '../../../src/terminal/text/span.ts'

const losing = (name: string, code: 'removed-access' | 'removed-rules' | null): StoreChange => ({
  number: 0,
  resource: { kind: 'role mapping', name },
  action: 'update',
  summary: `update ${name}`,
  differences: [],
  loss: code === null ? null : { code, why: 'It goes.', affected: [] },
})

function lastLine(changes: readonly StoreChange[], flags: readonly string[] = []): string {
  const plan = {
    store: 'elasticsearch',
    server: 'es:9200',
    version: null,
    changes,
    unchanged: [],
    notes: [],
    findings: [],
  } as const
  const stores = [{ store: 'elasticsearch', server: 'es:9200', plan, fault: null, code: null } as const]
  const result = { kind: 'store-plan', stores, changes: changes.length, flags } as const
  const lines = storePlanView.render(result, { columns: Infinity, verbose: false })
  return [...lines].at(-1)?.map(spanText).join('') ?? ''
}

it('a plan ends with the exact flag of each loss', () => {
  expect(lastLine([losing('a', null)])).toBe('Next: `wwdb setup apply` applies them.')
  expect(lastLine([losing('a b', 'removed-access'), losing('c', null)], ['--prune'])).toBe(
    "Next: `wwdb setup apply --prune --allow 'removed-access:elasticsearch/role-mapping/a b'` applies them, if the loss is intentional.",
  )
  expect(lastLine([losing('a', 'removed-access'), losing('b', 'removed-rules')])).toBe(
    'Next: `wwdb setup apply --allow removed-access:elasticsearch/role-mapping/a --allow removed-rules:elasticsearch/role-mapping/b` applies them, if each of the 2 losses is intentional.',
  )
})

it('a plan with many losses names each of them, and allows nothing that nobody has seen', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  const flags = names.map((name) => `--allow removed-access:elasticsearch/role-mapping/${name}`)
  expect(lastLine(names.map((name) => losing(name, 'removed-access')))).toBe(
    `Next: \`wwdb setup apply ${flags.join(' ')}\` applies them, if each of the 8 losses is intentional.`,
  )
})
