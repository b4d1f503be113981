import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const project = join(import.meta.dirname, '../../..')

/** Ports: what a run works with. Nothing of its way is decided in them. */
const ports: ReadonlySet<string> = new Set([
  'Config',
  'OpenTargets',
  'Emit',
  'StopRequest',
  'ShardSteps',
  'SchemaRecording',
])

const files = [
  'src/migrations/plan/plan-run.ts',
  'src/migrations/plan/make-run-plan.ts',
  'src/migrations/execute/work.ts',
]

/** What types are made of: what an interface extends, and the types of its members by their names. */
function readTypes(): ReadonlyMap<string, readonly (readonly [member: string, type: string])[]> {
  const found = new Map<string, [string, string][]>()
  for (const file of files) {
    const text = readFileSync(join(project, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
    for (const [, name = '', parents = '', body = ''] of text.matchAll(/interface (\w+)([^{]*)\{([\s\S]*?)\n\}/g))
      found.set(name, [
        ['', parents],
        ...[...body.matchAll(/readonly (\w+)\??: (.*)/g)].map(([, m = '', t = '']): [string, string] => [`.${m}`, t]),
      ])
    for (const [, name = '', type = ''] of text.matchAll(/^(?:export )?type (\w+) = (.*)$/gm))
      found.set(name, [['', type]])
  }
  return found
}

/** The members of a type that are functions, with those of the types that it is made of. */
function callbacksOf(name: string): readonly string[] {
  const types = readTypes()
  const visit = (type: string, path: string): readonly string[] =>
    (types.get(type) ?? []).flatMap(([member, text]) =>
      text.includes('=>')
        ? [path + member]
        : [...text.matchAll(/\w+/g)].flatMap(([named]) => (ports.has(named) ? [] : visit(named, path + member))),
    )
  expect(types.has(name)).toBe(true)
  return visit(name, name)
}

test('a run asks its caller one question, `confirm`', () => {
  expect(callbacksOf('RunRequest')).toEqual(['RunRequest.confirm'])
})

test('the executor of steps asks its caller nothing', () => {
  expect(callbacksOf('ExecutionRequest')).toEqual([])
})

test('a callback among the options of a type is found', () => {
  expect(callbacksOf('ExecutionTuning')).toEqual(['ExecutionTuning.classify'])
})
